using Gyre.Diagnostics;

namespace Gyre.Tests;

public sealed class JoinTests
{
    [Fact]
    public void Many_join_one() => OnLoop.Run(() => TaskGroup.RunAsync(static async group =>
    {
        int joined = 0;
        Coroutine child = group.Spawn(static async () => await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(1)));
        await Task.WhenAll(Enumerable.Range(0, 100).Select(async _ =>
        {
            await child.WaitAsync();
            joined++;
        }));
        Assert.Equal(100, joined);
        await child.WaitAsync();
    }));

    [Fact]
    public void Joining_a_failure_throws_it_to_each() => OnLoop.Run(async () =>
    {
        var thrown = new InvalidTimeZoneException();
        int caught = 0;
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => TaskGroup.RunAsync(group => CancelScope.RunAsync(async scope =>
        {
            scope.Shield = true;
            Coroutine child = group.Spawn(async () =>
            {
                await Coroutine.YieldAsync();
                throw thrown;
            });
            for (int i = 0; i < 3; i++)
            {
                Assert.Same(thrown, await Assert.ThrowsAsync<InvalidTimeZoneException>(async () => await child.WaitAsync()));
                caught++;
            }
        })));
        Assert.Equal(3, caught);
    });

    [Fact]
    public void Joining_a_cancelled_one_throws_its_cancellation() => OnLoop.Run(() => TaskGroup.RunAsync(static async group =>
    {
        Coroutine<int> child = group.Spawn(static async () =>
        {
            await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
            return 1;
        });
        await Coroutine.YieldAsync();
        child.Cancel("not needed");
        var failure = await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await child.WaitAsync());
        Assert.Contains("not needed", failure.Message, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await child.WaitAsync());
    }));

    [Fact]
    public void The_reason_survives_a_body_that_throws_before_its_first_await() => OnLoop.Run(() => TaskGroup.RunAsync(static async group =>
    {
        Coroutine child = group.Spawn(static () =>
        {
            Coroutine.Current!.Cancel("a good reason");
            Coroutine.YieldAsync().GetAwaiter().GetResult();
            return Task.CompletedTask;
        });
        var failure = await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await child.WaitAsync());
        Assert.Contains("a good reason", failure.Message, StringComparison.Ordinal);
        Assert.Equal(CoroutineState.Cancelled, child.Node.State);
    }));

    [Fact]
    public void A_cancelled_waiter_leaves_the_coroutine_alone() => OnLoop.Run(() => TaskGroup.RunAsync(static async group =>
    {
        var end = new Gyre.LowLevel.Wait<bool>(EventLoop.Current);
        Coroutine<bool> child = group.Spawn(async () => await end.ParkAsync());
        CancelScope scope = await CancelScope.MoveOnAfterAsync(TimeSpan.FromMilliseconds(1), async _ => await child.WaitAsync());
        Assert.True(scope.CancelledCaught);
        Assert.False(child.IsDone);
        using var source = new CancellationTokenSource();
        ValueTask<bool> joining = child.WaitAsync(source.Token);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await joining);
        Assert.True(end.TryWake(true));
        await child.WaitAsync();
        Assert.Equal(CoroutineState.Succeeded, child.Node.State);
    }));

    [Fact]
    public void Joining_itself_throws_and_names_it() => OnLoop.Run(() => TaskGroup.RunAsync(static async group =>
    {
        Waitable? child = null;
        InvalidOperationException? failure = null;
        child = group.Spawn(
            async () => failure = await Assert.ThrowsAsync<InvalidOperationException>(async () => await child!.WaitAsync()), "narcissus");
        await child.WaitAsync();
        Assert.Contains("narcissus", failure!.Message, StringComparison.Ordinal);
    }));

    [Fact]
    public void Joining_in_a_cancelled_scope_throws_unless_it_has_ended() => OnLoop.Run(() => TaskGroup.RunAsync(static async group =>
    {
        Coroutine child = group.Spawn(static async () => await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(1)));
        await CancelScope.RunAsync(async scope =>
        {
            scope.Cancel();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await child.WaitAsync());
        });
        await child.WaitAsync();
        await CancelScope.RunAsync(async scope =>
        {
            scope.Cancel();
            await child.WaitAsync();
        });
    }));
}
