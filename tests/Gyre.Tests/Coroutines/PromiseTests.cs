using Gyre.Promises;

namespace Gyre.Tests;

/// <summary>Then, Catch and Finally, after the rules of Promises/A+ as far as they apply.</summary>
public sealed class PromiseTests
{
    [Fact]
    public void Then_makes_a_value_of_a_value_in_a_later_step() => OnLoop.Run(async () =>
    {
        var source = new Future<int>();
        var log = new List<string>();
        Future<string> next = source.Then(value =>
        {
            log.Add("handler");
            return $"{value + 1}";
        });
        source.SetResult(1);
        log.Add("set");
        Assert.Equal("2", await next);
        Assert.Equal(["set", "handler"], log);
        Assert.Equal("2", await source.Then(static value => $"{value + 1}"));
    });

    [Fact]
    public void Handlers_of_one_future_run_in_the_order_in_which_they_were_added() => OnLoop.Run(async () =>
    {
        var source = new Future<int>();
        var log = new List<int>();
        Future<int>[] all = [.. Enumerable.Range(0, 5).Select(number => source.Then(value =>
        {
            log.Add(number);
            return number;
        }))];
        source.SetResult(0);
        await Future.All(all);
        Assert.Equal([0, 1, 2, 3, 4], log);
    });

    [Fact]
    public void A_future_or_task_that_a_handler_returns_is_followed() => OnLoop.Run(async () =>
    {
        var source = new Future<int>();
        var inner = new Future<string>();
        Future<string> next = source.Then(_ => inner);
        Future<string> fromTask = source.Then(static async value =>
        {
            await Coroutine.YieldAsync();
            return $"{value}";
        });
        source.SetResult(5);
        await OnLoop.TurnsAsync(3);
        Assert.False(next.IsDone);
        inner.SetResult("inner");
        Assert.Equal("inner", await next);
        Assert.Equal("5", await fromTask);
    });

    [Fact]
    public void What_a_handler_throws_fails_the_new_future() => OnLoop.Run(async () =>
    {
        var source = new Future<int>();
        var thrown = new InvalidTimeZoneException();
        Future<int> next = source.Then(int (_) => throw thrown).Then(static value => value + 1);
        source.SetResult(1);
        Assert.Same(thrown, await Assert.ThrowsAsync<InvalidTimeZoneException>(async () => await next));
    });

    [Fact]
    public void A_failure_passes_then_and_reaches_catch_and_a_value_passes_catch() => OnLoop.Run(async () =>
    {
        var source = new Future<int>();
        bool ran = false;
        Future<int> healed = source
            .Then(value =>
            {
                ran = true;
                return value;
            })
            .Catch(static failure => failure is InvalidTimeZoneException ? 7 : 0)
            .Catch(static _ => 8);
        source.SetException(new InvalidTimeZoneException());
        Assert.Equal(7, await healed);
        Assert.False(ran);
        var good = new Future<int>();
        Future<int> passed = good.Catch(static _ => new Future<int>());
        good.SetResult(3);
        Assert.Equal(3, await passed);
    });

    [Fact]
    public void Finally_runs_whichever_way_it_settled_and_lets_that_pass() => OnLoop.Run(async () =>
    {
        int ran = 0;
        var good = new Future<int>();
        var bad = new Future<int>();
        var cancelled = new Future<int>();
        Future<int>[] all = [good.Finally(() => ran++), bad.Finally(() => ran++), cancelled.Finally(() => ran++)];
        good.SetResult(1);
        bad.SetException(new InvalidTimeZoneException());
        cancelled.Cancel("enough");
        Assert.Equal(1, await all[0]);
        await Assert.ThrowsAsync<InvalidTimeZoneException>(async () => await all[1]);
        Assert.Contains("enough", (await Assert.ThrowsAsync<OperationCanceledException>(async () => await all[2])).Message, StringComparison.Ordinal);
        Assert.Equal(3, ran);
        var worse = new Future<int>();
        Future<int> replaced = worse.Finally(static () => throw new InvalidProgramException());
        worse.SetException(new InvalidTimeZoneException());
        await Assert.ThrowsAsync<InvalidProgramException>(async () => await replaced);
    });

    [Fact]
    public void A_cancellation_passes_catch() => OnLoop.Run(async () =>
    {
        var source = new Future<int>();
        Future<int> next = source.Then(static value => value).Catch(static _ => 1);
        source.Cancel();
        await Assert.ThrowsAsync<OperationCanceledException>(async () => await next);
    });

    [Fact]
    public void A_handler_of_a_future_that_was_cancelled_meanwhile_does_not_run() => OnLoop.Run(async () =>
    {
        var source = new Future<int>();
        bool ran = false;
        Future<int> early = source.Then(value =>
        {
            ran = true;
            return value;
        });
        Future<int> late = source.Then(value =>
        {
            ran = true;
            return value;
        });
        early.Cancel();
        source.SetResult(1);
        late.Cancel();
        await OnLoop.TurnsAsync(3);
        Assert.False(ran);
    });

    [Fact]
    public void Returning_the_very_future_that_waits_is_an_error_and_so_is_null() => OnLoop.Run(async () =>
    {
        var source = new Future<int>();
        Future<int>? itself = null;
        itself = source.Then(_ => itself!);
        Future<int> nothing = source.Then(static Future<int> (_) => null!);
        source.SetResult(1);
        Assert.Contains("the very future", (await Assert.ThrowsAsync<InvalidOperationException>(async () => await itself)).Message, StringComparison.Ordinal);
        Assert.Contains("null", (await Assert.ThrowsAsync<InvalidOperationException>(async () => await nothing)).Message, StringComparison.Ordinal);
    });

    [Fact]
    public void A_failure_at_the_end_of_a_chain_that_nobody_looks_at_fails_its_scope() => OnLoop.Run(async () =>
    {
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => CancelScope.RunAsync(static async scope =>
        {
            var source = new Future<int>();
            Future<int> unseen = source.Then(static value => value).Finally(static () => { });
            source.SetException(new InvalidTimeZoneException());
            await OnLoop.TurnsAsync(5);
            Assert.True(unseen.IsDone);
        }));
    });

    [Fact]
    public void A_failure_that_a_cancelled_chain_never_came_to_see_fails_its_scope() => OnLoop.Run(async () =>
    {
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => CancelScope.RunAsync(static async scope =>
        {
            var source = new Future<int>();
            Future<int> next = source.Catch(static _ => 0);
            source.SetException(new InvalidTimeZoneException());
            next.Cancel();
            await OnLoop.TurnsAsync(3);
        }));
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => CancelScope.RunAsync(static async scope =>
        {
            var source = new Future<int>();
            var followed = new Future<int>();
            Future<int> next = source.Then(_ => followed);
            source.SetResult(1);
            await OnLoop.TurnsAsync(3);
            next.Cancel();
            followed.SetException(new InvalidTimeZoneException());
        }));
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => CancelScope.RunAsync(static scope =>
        {
            var failed = new Future<int>();
            Future<int> any = Future.Any([failed, new Future<int>()]);
            failed.SetException(new InvalidTimeZoneException());
            any.Cancel();
            return Task.CompletedTask;
        }));
        await CancelScope.RunAsync(static async scope =>
        {
            var failed = new Future<int>();
            var good = new Future<int>();
            Future<int> any = Future.Any([failed, good]);
            failed.SetException(new InvalidTimeZoneException());
            good.SetResult(1);
            int value = await any;
            Assert.Equal(1, value);
        });
    });

    [Fact]
    public void A_handler_that_ends_with_the_cancellation_of_its_scope_fails_nobody() => OnLoop.Run(async () =>
    {
        Future<int>? next = null;
        CancelScope cancelled = await CancelScope.RunAsync(async scope =>
        {
            var source = new Future<int>();
            source.SetResult(1);
            next = source.Then(int (int value) =>
            {
                scope.Cancel("the handler had enough");
                scope.Token.ThrowIfCancellationRequested();
                return value;
            });
            await OnLoop.TurnsAsync(3);
        });
        Assert.True(cancelled.CancelledCaught);
        Assert.Equal(FutureState.Cancelled, next!.State);
    });

    [Fact]
    public void Nobody_but_its_handler_settles_a_continuation() => OnLoop.Run(async () =>
    {
        var source = new Future<int>();
        Future<int> next = source.Then(static value => value + 1);
        var refused = Assert.Throws<InvalidOperationException>(() => next.TrySetResult(5));
        Assert.Contains("'a continuation'", refused.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => next.SetException(new InvalidTimeZoneException()));
        source.SetResult(1);
        Assert.Equal(2, await next);
    });

    [Fact]
    public void A_cancel_that_is_refused_off_the_loop_leaves_the_continuation_in_place() => OnLoop.Run(async () =>
    {
        var source = new Future<int>();
        Future<int> next = source.Then(static value => value + 1);
        Exception? refused = null;
        var thread = new Thread(() => refused = Record.Exception(() => next.Cancel()));
        thread.Start();
        thread.Join();
        Assert.IsType<InvalidOperationException>(refused);
        source.SetResult(1);
        Assert.Equal(2, await next);
    });
}
