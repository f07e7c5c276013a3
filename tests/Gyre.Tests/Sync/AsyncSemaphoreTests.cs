using Gyre.Sync;

namespace Gyre.Tests;

public sealed class AsyncSemaphoreTests
{
    [Fact]
    public void Permits_go_to_those_who_waited_longest_and_to_nobody_in_between() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        var permits = new AsyncSemaphore(1);
        await permits.AcquireAsync();
        var order = new List<int>();
        for (int i = 0; i < 3; i++)
        {
            int number = i;
            group.Spawn(async () =>
            {
                await permits.AcquireAsync();
                order.Add(number);
            });
        }

        await Coroutine.YieldAsync();
        permits.Release(2);
        Assert.False(permits.TryAcquire());
        await OnLoop.TurnsAsync(2);
        Assert.Equal([0, 1], order);
        permits.Release(2);
        Assert.Equal(1, permits.Free);
        await OnLoop.TurnsAsync(1);
        Assert.Equal([0, 1, 2], order);
    }));

    [Fact]
    public void Released_and_then_cancelled_in_one_turn_the_waiter_has_the_permit() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        var permits = new AsyncSemaphore(0);
        bool had = false;
        Coroutine waiter = group.Spawn(async () =>
        {
            await permits.AcquireAsync();
            had = true;
            permits.Release();
        });
        await Coroutine.YieldAsync();
        permits.Release();
        waiter.Cancel();
        await OnLoop.TurnsAsync(2);
        Assert.True(had);
        Assert.Equal(1, permits.Free);
    }));

    [Fact]
    public void Cancelled_and_then_released_in_one_turn_the_permit_goes_to_the_next_or_stays() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        var permits = new AsyncSemaphore(0);
        Coroutine first = group.Spawn(async () => await permits.AcquireAsync());
        Coroutine second = group.Spawn(async () => await permits.AcquireAsync());
        await Coroutine.YieldAsync();
        first.Cancel();
        permits.Release();
        await second;
        Assert.True(first.IsDone);
        Assert.Equal(0, permits.Free);
        Coroutine third = group.Spawn(async () => await permits.AcquireAsync());
        await Coroutine.YieldAsync();
        third.Cancel();
        permits.Release();
        Assert.Equal(1, permits.Free);
    }));

    [Fact]
    public void More_than_the_most_can_not_be_returned_and_none_is_then() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        var permits = new AsyncSemaphore(1, 2, "seats");
        permits.Release();
        Assert.Contains("seats", Assert.Throws<SemaphoreFullException>(() => permits.Release()).Message, StringComparison.Ordinal);
        Assert.Equal(2, permits.Free);
        Assert.True(permits.TryAcquire() && permits.TryAcquire() && !permits.TryAcquire());
        Coroutine waiter = group.Spawn(async () => await permits.AcquireAsync());
        await Coroutine.YieldAsync();
        Assert.Throws<SemaphoreFullException>(() => permits.Release(4));
        Assert.Throws<SemaphoreFullException>(() => permits.Release(int.MaxValue));
        Assert.Equal(1, permits.Waiting);
        permits.Release(3);
        Assert.Equal(2, permits.Free);
        await waiter;
    }));

    [Fact]
    public void Nonsense_is_refused() => OnLoop.Run(() =>
    {
        Assert.Throws<ArgumentOutOfRangeException>(static () => new AsyncSemaphore(-1));
        Assert.Throws<ArgumentOutOfRangeException>(static () => new AsyncSemaphore(3, 2));
        Assert.Throws<ArgumentOutOfRangeException>(static () => new AsyncSemaphore(0, 0));
        Assert.Throws<ArgumentOutOfRangeException>(static () => new AsyncSemaphore(0).Release(0));
        return Task.CompletedTask;
    });
}
