using Gyre.Sync;

namespace Gyre.Tests;

public sealed class AsyncBarrierTests
{
    [Fact]
    public void All_go_on_when_the_last_has_come_each_with_its_place_round_after_round() => OnLoop.Run(async () =>
    {
        var barrier = new AsyncBarrier(3);
        var places = new List<int>();
        await TaskGroup.RunAsync(group =>
        {
            for (int i = 0; i < 3; i++)
            {
                int turns = i;
                group.Spawn(async () =>
                {
                    for (int round = 0; round < 4; round++)
                    {
                        await OnLoop.TurnsAsync(turns);
                        int place = await barrier.ArriveAndWaitAsync();
                        places.Add(place);
                        Assert.Equal(round + 1, barrier.Rounds);
                    }
                });
            }

            return Task.CompletedTask;
        });
        Assert.Equal(4, barrier.Rounds);
        Assert.Equal(Enumerable.Range(0, 3).SelectMany(static place => Enumerable.Repeat(place, 4)), places.Order());
        Assert.Equal(0, barrier.Waiting);
    });

    [Fact]
    public void One_that_was_cancelled_has_not_come() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        var barrier = new AsyncBarrier(2);
        Coroutine<int> cancelled = group.Spawn(async () => await barrier.ArriveAndWaitAsync());
        await Coroutine.YieldAsync();
        cancelled.Cancel();
        Assert.Equal(0, barrier.Waiting);
        Coroutine<int> first = group.Spawn(async () => await barrier.ArriveAndWaitAsync());
        await OnLoop.TurnsAsync(3);
        Assert.False(first.IsDone);
        Assert.Equal(1, await barrier.ArriveAndWaitAsync());
        Assert.Equal(0, await first);
        Assert.False(barrier.IsBroken);
    }));

    [Fact]
    public void Let_go_and_then_cancelled_in_one_turn_it_has_come() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        var barrier = new AsyncBarrier(2);
        int place = -1;
        Coroutine<int> first = group.Spawn(async () => place = await barrier.ArriveAndWaitAsync());
        await Coroutine.YieldAsync();
        ValueTask<int> last = barrier.ArriveAndWaitAsync();
        first.Cancel();
        Assert.Equal(1, await last);
        await Coroutine.YieldAsync();
        Assert.Equal(0, place);
    }));

    [Fact]
    public void Broken_it_fails_those_who_wait_and_come_until_it_is_reset() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        var barrier = new AsyncBarrier(3, "meeting");
        BarrierBrokenException? told = null;
        Coroutine<BarrierBrokenException> waiter = group.Spawn(async () =>
            told = await Assert.ThrowsAsync<BarrierBrokenException>(async () => await barrier.ArriveAndWaitAsync()));
        await Coroutine.YieldAsync();
        barrier.Break("no more");
        await waiter;
        Assert.Contains("no more", told!.Message, StringComparison.Ordinal);
        Assert.True(barrier.IsBroken);
        await Assert.ThrowsAsync<BarrierBrokenException>(async () => await barrier.ArriveAndWaitAsync());
        barrier.Reset();
        Assert.False(barrier.IsBroken);
        await Task.WhenAll(barrier.ArriveAndWaitAsync().AsTask(), barrier.ArriveAndWaitAsync().AsTask(), barrier.ArriveAndWaitAsync().AsTask());
    }));

    [Fact]
    public void Reset_it_fails_those_who_wait_and_leaves_those_alone_who_were_let_go() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        var barrier = new AsyncBarrier(2);
        Coroutine<int> first = group.Spawn(async () => await barrier.ArriveAndWaitAsync());
        await Coroutine.YieldAsync();
        ValueTask<int> second = barrier.ArriveAndWaitAsync();
        Coroutine<BarrierBrokenException> third = group.Spawn(async () =>
            await Assert.ThrowsAsync<BarrierBrokenException>(async () => await barrier.ArriveAndWaitAsync()));
        barrier.Reset();
        Assert.Equal(1, await second);
        Assert.Equal(0, await first);
        await Coroutine.YieldAsync();
        barrier.Reset();
        await third;
        Assert.Equal(1, barrier.Rounds);
    }));

    [Fact]
    public void A_barrier_of_one_is_passed_at_once_but_lets_others_run() => OnLoop.Run(async () =>
    {
        var barrier = new AsyncBarrier(1);
        bool ran = false;
        EventLoop.Current.Post(() => ran = true);
        Assert.Equal(0, await barrier.ArriveAndWaitAsync());
        Assert.True(ran);
        Assert.Throws<ArgumentOutOfRangeException>(static () => new AsyncBarrier(0));
    });
}
