namespace Gyre.Tests;

/// <summary>Settling a future, and waiting for one.</summary>
public sealed class FutureTests
{
    [Fact]
    public void It_settles_once_and_says_how_it_had_settled() => OnLoop.Run(() =>
    {
        var succeeded = new Future<int>("the answer");
        succeeded.SetResult(42);
        Assert.Equal(FutureState.Succeeded, succeeded.State);
        foreach (Action again in (Action[])[() => succeeded.SetResult(1), () => succeeded.SetException(new InvalidTimeZoneException())])
        {
            string message = Assert.Throws<InvalidOperationException>(again).Message;
            Assert.Contains("the answer", message, StringComparison.Ordinal);
            Assert.Contains("Succeeded", message, StringComparison.Ordinal);
        }

        Assert.Equal(42, succeeded.Result);

        var failed = new Future("the attempt");
        failed.SetException(new InvalidTimeZoneException());
        Assert.Contains("Failed", Assert.Throws<InvalidOperationException>(failed.SetResult).Message, StringComparison.Ordinal);
        Assert.IsType<InvalidTimeZoneException>(failed.Failure);

        var cancelled = new Future("the plan");
        Assert.True(cancelled.Cancel("changed"));
        string text = Assert.Throws<InvalidOperationException>(() => cancelled.SetException(new InvalidTimeZoneException())).Message;
        Assert.Contains("the plan", text, StringComparison.Ordinal);
        Assert.Contains("Cancelled", text, StringComparison.Ordinal);
        Assert.Null(cancelled.Failure);
        return Task.CompletedTask;
    });

    [Fact]
    public void The_trying_forms_tell_by_their_result() => OnLoop.Run(() =>
    {
        var untyped = new Future();
        Assert.True(untyped.TrySetResult());
        Assert.False(untyped.TrySetResult());
        Assert.False(untyped.TrySetException(new InvalidTimeZoneException()));
        Assert.False(untyped.Cancel());
        Assert.Equal(FutureState.Succeeded, untyped.State);

        var typed = new Future<int>();
        Assert.True(typed.TrySetResult(1));
        Assert.False(typed.TrySetResult(2));
        Assert.False(typed.TrySetException(new InvalidTimeZoneException()));
        Assert.False(typed.Cancel());
        Assert.Equal(1, typed.Result);

        var failed = new Future<int>();
        Assert.True(failed.TrySetException(new InvalidTimeZoneException()));
        Assert.False(failed.TrySetResult(2));
        Assert.IsType<InvalidTimeZoneException>(failed.Failure);
        Assert.Throws<ArgumentNullException>(() => new Future().SetException(null!));
        return Task.CompletedTask;
    });

    [Fact]
    public void Its_result_never_blocks_and_names_it() => OnLoop.Run(() =>
    {
        var typed = new Future<int>("the answer");
        Assert.Contains("the answer isn't done", Assert.Throws<InvalidOperationException>(() => typed.Result).Message, StringComparison.Ordinal);
        var untyped = new Future("the attempt");
        Assert.Contains(
            "the attempt isn't done", Assert.Throws<InvalidOperationException>(untyped.ThrowIfNotSucceeded).Message, StringComparison.Ordinal);
        var thrown = new InvalidTimeZoneException();
        typed.SetException(thrown);
        Assert.Same(thrown, Assert.Throws<InvalidTimeZoneException>(() => typed.Result));
        untyped.Cancel("changed");
        string message = Assert.Throws<OperationCanceledException>(untyped.ThrowIfNotSucceeded).Message;
        Assert.Contains("the attempt", message, StringComparison.Ordinal);
        Assert.Contains("changed", message, StringComparison.Ordinal);
        return Task.CompletedTask;
    });

    [Fact]
    public void Its_name_can_be_changed_and_is_never_empty_handed() => OnLoop.Run(() =>
    {
        Assert.Equal("a future", new Future().Name);
        Assert.Equal("a future", new Future<int>().ToString());
        var named = new Future("first") { Name = "second" };
        Assert.Equal("second", named.ToString());
        Assert.Throws<ArgumentNullException>(() => named.Name = null!);
        return Task.CompletedTask;
    });

    [Fact]
    public void Many_wait_and_go_on_in_the_order_in_which_they_came() => OnLoop.Run(() => TaskGroup.RunAsync(static async group =>
    {
        var future = new Future<string>();
        var order = new List<int>();
        for (int i = 0; i < 20; i++)
        {
            int number = i;
            group.Spawn(async () =>
            {
                Assert.Equal("value", await future);
                order.Add(number);
            });
        }

        await OnLoop.TurnsAsync(2);
        future.SetResult("value");
        Assert.Empty(order);
        await OnLoop.TurnsAsync(2);
        Assert.Equal(Enumerable.Range(0, 20), order);
        Assert.Equal("value", await future);
    }));

    [Fact]
    public void Awaited_in_the_step_in_which_it_settled_it_goes_on_at_once() => OnLoop.Run(async () =>
    {
        var future = new Future<int>();
        bool turned = false;
        EventLoop.Current.Post(() => turned = true);
        future.SetResult(1);
        Assert.Equal(1, await future);
        await (Waitable)future;
        Assert.False(turned);
    });

    [Fact]
    public void One_that_begins_to_wait_in_the_turn_of_the_result_is_not_forgotten() => OnLoop.Run(() => TaskGroup.RunAsync(static async group =>
    {
        var future = new Future<int>();
        Coroutine<int> before = group.Spawn(async () => await future);
        group.Spawn(() =>
        {
            future.SetResult(7);
            return Task.CompletedTask;
        });
        Coroutine<int> after = group.Spawn(async () => await future);
        Assert.Equal(7, await before);
        Assert.Equal(7, await after);
    }));

    [Fact]
    public void A_cancelled_waiter_leaves_it_and_its_other_waiters_alone() => OnLoop.Run(() => TaskGroup.RunAsync(static async group =>
    {
        var future = new Future<int>();
        Coroutine<int> cancelled = group.Spawn(async () => await future);
        Coroutine<int> other = group.Spawn(async () => await future);
        using var source = new CancellationTokenSource();
        Task byToken = future.WaitAsync(source.Token).AsTask();
        await OnLoop.TurnsAsync(2);
        cancelled.Cancel();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await cancelled);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => byToken);
        Assert.False(future.IsDone);
        Assert.False(other.IsDone);
        future.SetResult(5);
        Assert.Equal(5, await other);
    }));

    [Fact]
    public void When_result_and_cancellation_land_in_one_turn_the_result_wins_and_the_next_wait_throws() =>
        OnLoop.Run(() => TaskGroup.RunAsync(static async group =>
        {
            var future = new Future<int>();
            int got = 0;
            bool struck = false;
            Coroutine child = group.Spawn(async () =>
            {
                got = await future;
                try
                {
                    await Coroutine.YieldAsync();
                }
                catch (OperationCanceledException)
                {
                    struck = true;
                    throw;
                }
            });
            await OnLoop.TurnsAsync(2);
            future.SetResult(3);
            child.Cancel();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await child);
            Assert.Equal(3, got);
            Assert.True(struck);
        }));

    [Fact]
    public void When_the_cancellation_came_first_the_wait_throws_and_the_value_stays_in_the_future() =>
        OnLoop.Run(() => TaskGroup.RunAsync(static async group =>
        {
            var future = new Future<int>();
            Coroutine<int> child = group.Spawn(async () => await future);
            await OnLoop.TurnsAsync(2);
            child.Cancel();
            future.SetResult(3);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await child);
            Assert.Equal(3, await future);
        }));

    [Fact]
    public void In_a_cancelled_scope_a_wait_throws_unless_it_has_settled() => OnLoop.Run(() => CancelScope.RunAsync(static async scope =>
    {
        scope.Cancel();
        var future = new Future<int>();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await future);
        future.SetResult(9);
        Assert.Equal(9, await future);
    }));

    [Fact]
    public void A_cancelled_one_throws_its_reason_to_each_waiter_and_cancels_none_of_them() => OnLoop.Run(async () =>
    {
        var future = new Future("the plan");
        var failure = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => TaskGroup.RunAsync(group =>
        {
            group.Spawn(async () => await future);
            group.Spawn(async () =>
            {
                await Coroutine.YieldAsync();
                future.Cancel("changed");
            });
            return Task.CompletedTask;
        }));
        Assert.Contains("the plan was cancelled: changed", failure.Message, StringComparison.Ordinal);
        await Coroutine.YieldAsync();
    });

    [Fact]
    public void Used_off_its_loop_it_throws_and_names_itself_and_the_loop()
    {
        Future<int>? typed = null;
        Future? untyped = null;
        OnLoop.Run(async () =>
        {
            typed = new Future<int>("the answer");
            untyped = new Future("the attempt");
            string loop = EventLoop.Current.Name;
            Action[] typedUses =
            [
                () => typed.SetResult(1), () => typed.TrySetResult(1), () => typed.SetException(new InvalidTimeZoneException()),
                () => typed.TrySetException(new InvalidTimeZoneException()), () => typed.Cancel(), () => _ = typed.Result,
                () => typed.AddDoneCallback(static _ => { }), () => typed.RemoveDoneCallback(static _ => { }), () => typed.AsTask(),
                () => _ = typed.WaitAsync(), () => _ = typed.GetAwaiter(), () => _ = typed.Failure,
            ];
            Action[] untypedUses =
            [
                () => untyped.SetResult(), () => untyped.TrySetResult(), () => untyped.SetException(new InvalidTimeZoneException()),
                () => untyped.TrySetException(new InvalidTimeZoneException()), () => untyped.Cancel(), () => untyped.ThrowIfNotSucceeded(),
                () => untyped.AddDoneCallback(static _ => { }), () => untyped.RemoveDoneCallback(static _ => { }), () => untyped.AsTask(),
                () => _ = untyped.WaitAsync(), () => _ = untyped.GetAwaiter(), () => _ = untyped.Failure,
            ];
            await Task.Run(
                () =>
                {
                    foreach ((Action[] uses, string name) in ((Action[], string)[])[(typedUses, "the answer"), (untypedUses, "the attempt")])
                    {
                        foreach (Action use in uses)
                        {
                            string message = Assert.Throws<InvalidOperationException>(use).Message;
                            Assert.Contains(name, message, StringComparison.Ordinal);
                            Assert.Contains($"'{loop}'", message, StringComparison.Ordinal);
                        }
                    }
                },
                TestContext.Current.CancellationToken);
            Assert.False(typed.IsDone);
            Assert.False(untyped.IsDone);
        });
        Assert.Throws<InvalidOperationException>(static () => new Future());
        Assert.Throws<InvalidOperationException>(static () => new Future<int>());
    }

    [Fact]
    public void A_coroutine_is_a_future_that_its_body_settles() => OnLoop.Run(() => TaskGroup.RunAsync(static async group =>
    {
        Coroutine<int> typed = group.Spawn(
            static async () =>
            {
                await Coroutine.YieldAsync();
                return 1;
            },
            "worker");
        Coroutine untyped = group.Spawn(static async () => await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan), "sleeper");
        Action[] settlers =
        [
            () => typed.SetResult(2), () => typed.TrySetResult(2), () => typed.SetException(new InvalidTimeZoneException()),
            () => typed.TrySetException(new InvalidTimeZoneException()),
        ];
        foreach (Action settle in settlers)
        {
            string message = Assert.Throws<InvalidOperationException>(settle).Message;
            Assert.Contains("worker", message, StringComparison.Ordinal);
            Assert.Contains("settles as its body ends", message, StringComparison.Ordinal);
        }

        Assert.Throws<InvalidOperationException>(untyped.SetResult);
        Assert.Throws<InvalidOperationException>(() => untyped.TrySetException(new InvalidTimeZoneException()));
        Future<int> asFuture = typed;
        Assert.Equal(1, await asFuture);
        Assert.Equal(FutureState.Succeeded, asFuture.State);
        Assert.False(typed.Cancel());

        Assert.Equal("sleeper", untyped.Name);
        untyped.Name = "late riser";
        Assert.Equal("late riser", untyped.Node.Name);
        Future sleeping = untyped;
        await Coroutine.YieldAsync();
        Assert.True(sleeping.Cancel("enough"));
        Assert.False(sleeping.IsDone);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await sleeping);
        Assert.Equal(FutureState.Cancelled, sleeping.State);
        Assert.Null(sleeping.Failure);
    }));

    [Fact]
    public void A_coroutine_that_awaits_itself_is_told_so_instead_of_waiting_for_ever() => OnLoop.Run(() => TaskGroup.RunAsync(static async group =>
    {
        Coroutine<int>? child = null;
        InvalidOperationException? failure = null;
        child = group.Spawn(
            async () =>
            {
                await Coroutine.YieldAsync();
                failure = await Assert.ThrowsAsync<InvalidOperationException>(async () => await child!);
                return 1;
            },
            "narcissus");
        Assert.Equal(1, await child);
        Assert.Contains("narcissus", failure!.Message, StringComparison.Ordinal);
        Assert.Contains("waits for itself", failure.Message, StringComparison.Ordinal);
    }));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_trace_of_a_failure_does_not_grow_with_its_awaiters(bool settledFirst) => OnLoop.Run(async () =>
    {
        var future = new Future<int>();
        if (settledFirst)
        {
            Settle(future);
        }
        else
        {
            EventLoop.Current.Post(() => Settle(future));
        }

        int first = await TraceLengthAsync(future);
        int last = 0;
        for (int i = 0; i < 50; i++)
        {
            last = await TraceLengthAsync(future);
        }

        Assert.InRange(last, 1, 2 * first);

        static void Settle(Future<int> future)
        {
            try
            {
                throw new InvalidTimeZoneException();
            }
            catch (InvalidTimeZoneException failure)
            {
                future.SetException(failure);
            }
        }

        static async Task<int> TraceLengthAsync(Future<int> future)
        {
            var failure = await Assert.ThrowsAsync<InvalidTimeZoneException>(async () => await future);
            Assert.Contains(nameof(Settle), failure.StackTrace, StringComparison.Ordinal);
            return failure.StackTrace!.Split('\n').Length;
        }
    });
}
