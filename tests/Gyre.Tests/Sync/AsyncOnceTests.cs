using Gyre.Diagnostics;
using Gyre.Sync;

namespace Gyre.Tests;

public sealed class AsyncOnceTests
{
    [Fact]
    public void The_first_makes_it_and_the_others_wait_for_that() => OnLoop.Run(async () =>
    {
        int made = 0;
        var once = new AsyncOnce<int>(async () =>
        {
            made++;
            await OnLoop.TurnsAsync(3);
            return 7;
        });
        int[] seen = await Task.WhenAll(once.GetAsync().AsTask(), once.GetAsync().AsTask(), once.GetAsync().AsTask());
        Assert.Equal([7, 7, 7], seen);
        Assert.Equal(1, made);
        Assert.True(once.HasValue);
        Assert.True(once.GetAsync().IsCompletedSuccessfully);
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void When_the_first_fails_it_alone_is_told_and_the_next_makes_it(bool atOnce) => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        int calls = 0;
        var once = new AsyncOnce<int>(async () =>
        {
            int call = ++calls;
            if (atOnce && call == 1)
            {
                throw new InvalidTimeZoneException("at once");
            }

            await OnLoop.TurnsAsync(2);
            return call == 1 ? throw new InvalidTimeZoneException("later") : call;
        });
        Coroutine<InvalidTimeZoneException> first = group.Spawn(async () =>
            await Assert.ThrowsAsync<InvalidTimeZoneException>(async () => await once.GetAsync()));
        Coroutine<int>[] others = [group.Spawn(async () => await once.GetAsync()), group.Spawn(async () => await once.GetAsync())];
        await first;
        int[] made = await Future.All(others);
        Assert.Equal([2, 2], made);
        Assert.Equal(2, calls);
    }));

    [Fact]
    public void When_the_first_is_cancelled_the_next_makes_it() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        int calls = 0;
        var once = new AsyncOnce<int>(async () =>
        {
            calls++;
            await OnLoop.TurnsAsync(5);
            return calls;
        });
        Coroutine<int> first = group.Spawn(async () => await once.GetAsync());
        Coroutine<int> second = group.Spawn(async () => await once.GetAsync());
        await OnLoop.TurnsAsync(2);
        Assert.Equal(1, once.Waiting);
        first.Cancel();
        Assert.Equal(2, await second);
    }));

    [Fact]
    public void A_turn_that_falls_to_one_who_is_cancelled_in_the_same_turn_goes_on_to_the_next() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        int calls = 0;
        Coroutine<int>? second = null;
        var once = new AsyncOnce<int>(async () =>
        {
            int call = ++calls;
            await OnLoop.TurnsAsync(2);
            if (call == 1)
            {
                // Queued before the second is woken, so that it is cancelled once the turn is its own and before it runs.
                EventLoop.Current.Post(() => second!.Cancel());
                throw new InvalidTimeZoneException();
            }

            return call;
        });
        group.Spawn(async () => await Assert.ThrowsAsync<InvalidTimeZoneException>(async () => await once.GetAsync()));
        second = group.Spawn(async () => await once.GetAsync());
        Coroutine<int> third = group.Spawn(async () => await once.GetAsync());
        Assert.Equal(3, await third);
        Assert.Equal(CoroutineState.Cancelled, second.Node.State);
    }));

    [Fact]
    public void A_factory_that_returns_null_is_told_so() => OnLoop.Run(async () =>
    {
        var once = new AsyncOnce<int>(static () => null!, "the thing");
        Assert.Contains(
            "the thing", (await Assert.ThrowsAsync<InvalidOperationException>(async () => await once.GetAsync())).Message, StringComparison.Ordinal);
        Assert.Equal("the thing, not made yet", once.ToString());
    });
}
