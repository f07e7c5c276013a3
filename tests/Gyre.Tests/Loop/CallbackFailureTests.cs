namespace Gyre.Tests;

/// <summary>
/// Failures that nobody awaits: posted callbacks, timers and <c>async void</c>. Each reaches its scope, and the loop lives on.
/// </summary>
public sealed class CallbackFailureTests
{
    /// <summary>The ways in which a failure comes about that nobody awaits.</summary>
    public static TheoryData<string> Ways => ["post", "timer", "async void at once", "async void after a wait", "context post"];

    [Theory]
    [MemberData(nameof(Ways))]
    public void It_cancels_a_scope_and_is_thrown_at_its_edge(string way) => OnLoop.Run(async () =>
    {
        bool cancelled = false;
        var failure = await Assert.ThrowsAsync<InvalidTimeZoneException>(() => CancelScope.RunAsync(async scope =>
        {
            Fail(way);
            try
            {
                await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
            }
            catch (OperationCanceledException)
            {
                cancelled = scope.IsCancelRequested;
                throw;
            }
        }));
        Assert.Equal(way, failure.Message);
        Assert.True(cancelled);
        await Coroutine.YieldAsync();
    });

    [Theory]
    [MemberData(nameof(Ways))]
    public void It_is_thrown_by_a_scope_whose_body_ended_well(string way) => OnLoop.Run(async () =>
    {
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => CancelScope.RunAsync(async scope =>
        {
            Fail(way);
            scope.Shield = true;
            while (!scope.IsCancelRequested)
            {
                await Coroutine.YieldAsync();
            }
        }));
    });

    [Theory]
    [MemberData(nameof(Ways))]
    public void It_cancels_a_group_and_is_thrown_when_the_group_is_left(string way) => OnLoop.Run(async () =>
    {
        Coroutine? sibling = null;
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => TaskGroup.RunAsync(group =>
        {
            sibling = group.Spawn(static async () => await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan));
            Fail(way);
            return Task.CompletedTask;
        }));
        Assert.Equal(Diagnostics.CoroutineState.Cancelled, sibling!.Node.State);
    });

    [Theory]
    [MemberData(nameof(Ways))]
    public void It_fails_its_coroutine(string way) => OnLoop.Run(async () =>
    {
        Coroutine? child = null;
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => TaskGroup.RunAsync(group =>
        {
            child = group.Spawn(async () =>
            {
                Fail(way);
                await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
            });
            return Task.CompletedTask;
        }));
        Assert.Equal(Diagnostics.CoroutineState.Failed, child!.Node.State);
        Assert.IsType<InvalidTimeZoneException>(child.Failure);
    });

    [Theory]
    [MemberData(nameof(Ways))]
    public void In_the_main_coroutine_it_is_what_the_run_throws(string way)
    {
        var failure = OnLoop.Throws<InvalidTimeZoneException>(async () =>
        {
            Fail(way);
            await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
        });
        Assert.Equal(way, failure.Message);
    }

    [Fact]
    public void A_callback_posted_from_another_thread_that_throws_ends_the_run_with_it()
    {
        var failure = OnLoop.Throws<InvalidTimeZoneException>(async () =>
        {
            EventLoop loop = EventLoop.Current;
            await Task.Run(() => loop.PostFromAnyThread(static () => throw new InvalidTimeZoneException("from the pool")));
            await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
        });
        Assert.Equal("from the pool", failure.Message);
    }

    [Fact]
    public void The_rest_of_the_turn_runs_after_a_callback_that_threw() => OnLoop.Run(async () =>
    {
        var order = new List<int>();
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => CancelScope.RunAsync(async _ =>
        {
            EventLoop loop = EventLoop.Current;
            loop.Post(() => order.Add(1));
            loop.Post(static () => throw new InvalidTimeZoneException());
            loop.Post(() => order.Add(2));
            await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
        }));
        Assert.Equal([1, 2], order);
    });

    [Fact]
    public void Two_callbacks_that_throw_in_one_turn_are_both_told() => OnLoop.Run(async () =>
    {
        var failure = await Assert.ThrowsAsync<InvalidTimeZoneException>(() => CancelScope.RunAsync(async _ =>
        {
            EventLoop.Current.Post(static () => throw new InvalidTimeZoneException("first"));
            EventLoop.Current.Post(static () => throw new TimeZoneNotFoundException("second"));
            await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
        }));
        Assert.Equal("first", failure.Message);
        Assert.Equal("second", Assert.Single(TaskGroup.FurtherFailuresOf(failure)).Message);
    });

    [Fact]
    public void A_callbacks_failure_is_not_lost_when_the_body_fails_differently_after_it() => OnLoop.Run(async () =>
    {
        var failure = await Assert.ThrowsAsync<InvalidTimeZoneException>(() => CancelScope.RunAsync(async _ =>
        {
            EventLoop.Current.Post(static () => throw new InvalidTimeZoneException("the callback"));
            try
            {
                await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
            }
            catch (OperationCanceledException)
            {
                throw new TimeZoneNotFoundException("the body");
            }
        }));
        Assert.Equal("the body", Assert.Single(TaskGroup.FurtherFailuresOf(failure)).Message);
    });

    [Fact]
    public void A_callbacks_failure_is_not_lost_when_a_cancellation_from_outside_passes_through() => OnLoop.Run(async () =>
    {
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => CancelScope.RunAsync(outer => CancelScope.RunAsync(async _ =>
        {
            EventLoop.Current.Post(static () => throw new InvalidTimeZoneException());
            EventLoop.Current.Post(() => outer.Cancel());
            await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
        })));
    });

    [Fact]
    public void An_async_void_flow_that_ends_because_its_scope_was_cancelled_is_no_failure() => OnLoop.Run(async () =>
    {
        bool ended = false;
        await CancelScope.RunAsync(async scope =>
        {
            SleepAndEnd(() => ended = true);
            EventLoop.Current.Post(() => scope.Cancel());
            await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
        });
        await OnLoop.TurnsAsync(2);
        Assert.True(ended);

        static async void SleepAndEnd(Action atEnd)
        {
            try
            {
                await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
            }
            finally
            {
                atEnd();
            }
        }
    });

    [Fact]
    public void A_failure_that_comes_after_its_scope_was_left_goes_to_the_scope_around_it() => OnLoop.Run(async () =>
    {
        var failure = await Assert.ThrowsAsync<InvalidTimeZoneException>(() => CancelScope.RunAsync(async _ =>
        {
            await CancelScope.RunAsync(static _ =>
            {
                EventLoop.Current.Post(static () => throw new InvalidTimeZoneException("late"));
                return Task.CompletedTask;
            });
            await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
        }));
        Assert.Equal("late", failure.Message);
    });

    private static void Fail(string way)
    {
        switch (way)
        {
            case "post":
                EventLoop.Current.Post(() => throw new InvalidTimeZoneException(way));
                break;
            case "timer":
                EventLoop.Current.CallLater(TimeSpan.FromMilliseconds(1), () => throw new InvalidTimeZoneException(way));
                break;
            case "async void at once":
                ThrowAtOnce(way);
                break;
            case "async void after a wait":
                ThrowAfterWait(way);
                break;
            default:
                SynchronizationContext.Current!.Post(_ => throw new InvalidTimeZoneException(way), null);
                break;
        }
    }

#pragma warning disable CS1998 // An async void without an await is the case under test.
    private static async void ThrowAtOnce(string message) => throw new InvalidTimeZoneException(message);
#pragma warning restore CS1998

    private static async void ThrowAfterWait(string message)
    {
        await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(1));
        throw new InvalidTimeZoneException(message);
    }
}
