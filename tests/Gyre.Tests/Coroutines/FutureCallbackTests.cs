namespace Gyre.Tests;

/// <summary>Callbacks of a future: in order, later, and in the scope that added them.</summary>
public sealed class FutureCallbackTests
{
    [Fact]
    public void Callbacks_run_in_order_and_never_inside_the_setter() => OnLoop.Run(static async () =>
    {
        var future = new Future<int>();
        var order = new List<int>();
        for (int i = 0; i < 10; i++)
        {
            int number = i;
            future.AddDoneCallback(settled =>
            {
                Assert.Same(future, settled);
                order.Add(number + settled.Result);
            });
        }

        future.SetResult(100);
        Assert.Empty(order);
        await OnLoop.TurnsAsync(2);
        Assert.Equal(Enumerable.Range(100, 10), order);
    });

    [Fact]
    public void Callbacks_and_waiters_take_turns_in_the_order_in_which_they_came() => OnLoop.Run(() => TaskGroup.RunAsync(static async group =>
    {
        var future = new Future();
        var order = new List<string>();
        future.AddDoneCallback(_ => order.Add("callback 1"));
        group.SpawnNow(async () =>
        {
            await future;
            order.Add("waiter 2");
        });
        future.AddDoneCallback(_ => order.Add("callback 3"));
        group.SpawnNow(async () =>
        {
            await future;
            order.Add("waiter 4");
        });
        future.SetResult();
        await OnLoop.TurnsAsync(2);
        Assert.Equal(["callback 1", "waiter 2", "callback 3", "waiter 4"], order);
    }));

    [Fact]
    public void Added_to_a_settled_one_a_callback_still_runs_later() => OnLoop.Run(static async () =>
    {
        var future = new Future();
        future.SetResult();
        bool ran = false;
        future.AddDoneCallback(_ => ran = true);
        Assert.False(ran);
        await OnLoop.TurnsAsync(2);
        Assert.True(ran);
    });

    [Fact]
    public void Added_by_a_callback_a_callback_runs_after_those_before_it() => OnLoop.Run(static async () =>
    {
        var future = new Future();
        var order = new List<int>();
        future.AddDoneCallback(settled =>
        {
            order.Add(1);
            settled.AddDoneCallback(_ => order.Add(3));
        });
        future.AddDoneCallback(_ => order.Add(2));
        future.SetResult();
        await OnLoop.TurnsAsync(4);
        Assert.Equal([1, 2, 3], order);
    });

    [Fact]
    public void A_callback_can_be_removed_as_often_as_it_was_added() => OnLoop.Run(static async () =>
    {
        int ran = 0;
        int stayed = 0;
        var typed = new Future<int>();
        Action<Future<int>> count = _ => ran++;
        Assert.Equal(0, typed.RemoveDoneCallback(count));
        typed.AddDoneCallback(count);
        Assert.Equal(1, typed.RemoveDoneCallback(count));
        typed.AddDoneCallback(count);
        typed.AddDoneCallback(_ => stayed++);
        typed.AddDoneCallback(count);
        Assert.Equal(2, typed.RemoveDoneCallback(count));
        Assert.Equal(0, typed.RemoveDoneCallback(count));

        var untyped = new Future();
        Action<Future> untypedCount = _ => ran++;
        untyped.AddDoneCallback(untypedCount);
        Assert.Equal(1, untyped.RemoveDoneCallback(untypedCount));
        typed.SetResult(1);
        untyped.SetResult();
        Assert.Equal(0, typed.RemoveDoneCallback(count));
        await OnLoop.TurnsAsync(3);
        Assert.Equal(0, ran);
        Assert.Equal(1, stayed);
    });

    [Fact]
    public void Removing_a_callback_leaves_the_waiters() => OnLoop.Run(() => TaskGroup.RunAsync(static async group =>
    {
        var future = new Future<int>();
        Action<Future<int>> callback = static _ => throw new InvalidTimeZoneException();
        Coroutine<int> waiter = group.Spawn(async () => await future);
        await OnLoop.TurnsAsync(2);
        future.AddDoneCallback(callback);
        Assert.Equal(1, future.RemoveDoneCallback(callback));
        future.SetResult(4);
        Assert.Equal(4, await waiter);
    }));

    [Fact]
    public void A_callback_runs_in_the_scope_that_added_it() => OnLoop.Run(() => TaskGroup.RunAsync(static async group =>
    {
        var future = new Future();
        bool threw = false;
        var done = new Future();
        await CancelScope.RunAsync(async scope =>
        {
            future.AddDoneCallback(async _ =>
            {
                await Assert.ThrowsAnyAsync<OperationCanceledException>(static async () => await Coroutine.YieldAsync());
                threw = true;
                done.SetResult();
            });
            scope.Cancel();

            // Settled from another scope, which isn't cancelled.
            group.Spawn(() =>
            {
                future.SetResult();
                return Task.CompletedTask;
            });
            await CancelScope.RunAsync(async shielded =>
            {
                shielded.Shield = true;
                await done;
            });
        });
        Assert.True(threw);
    }));

    [Fact]
    public void A_failing_callback_fails_the_scope_that_added_it_and_keeps_no_other_from_running() => OnLoop.Run(static async () =>
    {
        var future = new Future<int>();
        var thrown = new InvalidTimeZoneException();
        bool otherRan = false;
        Assert.Same(thrown, await Assert.ThrowsAsync<InvalidTimeZoneException>(() => CancelScope.RunAsync(async _ =>
        {
            future.AddDoneCallback(_ => throw thrown);
            future.AddDoneCallback(_ => otherRan = true);

            // The setter isn't told of what a callback throws.
            future.SetResult(1);
            await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
        })));
        Assert.True(otherRan);
        Assert.Equal(1, future.Result);
    });

    [Fact]
    public void A_callback_that_does_not_look_at_a_failure_has_not_seen_it() => OnLoop.Run(static async () =>
    {
        var thrown = new InvalidTimeZoneException();
        int ran = 0;
        Assert.Same(thrown, await Assert.ThrowsAsync<InvalidTimeZoneException>(() => CancelScope.RunAsync(async _ =>
        {
            var future = new Future();
            future.AddDoneCallback(_ => ran++);
            future.AddDoneCallback(_ => ran++);
            future.SetException(thrown);
            await OnLoop.TurnsAsync(3);
        })));
        Assert.Equal(2, ran);
    });

    [Fact]
    public void A_callback_that_looks_has_seen_it_also_when_the_scope_closes_before_it_runs() => OnLoop.Run(static async () =>
    {
        Exception? seen = null;
        await CancelScope.RunAsync(_ =>
        {
            var future = new Future();
            future.AddDoneCallback(settled => seen = settled.Failure);
            future.SetException(new InvalidTimeZoneException());
            return Task.CompletedTask;
        });
        await OnLoop.TurnsAsync(3);
        Assert.NotNull(seen);
    });
}
