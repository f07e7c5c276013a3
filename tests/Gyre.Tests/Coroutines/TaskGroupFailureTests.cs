using Gyre.Diagnostics;

namespace Gyre.Tests;

public sealed class TaskGroupFailureTests
{
    [Fact]
    public void The_first_failure_is_rethrown_as_itself_with_its_own_stack() => OnLoop.Run(async () =>
    {
        var thrown = new InvalidTimeZoneException("the child's");
        var failure = await Assert.ThrowsAsync<InvalidTimeZoneException>(() => TaskGroup.RunAsync(group =>
        {
            group.Spawn(() => FailAsync(thrown));
            return Task.CompletedTask;
        }));
        Assert.Same(thrown, failure);
        Assert.Contains(nameof(FailAsync), failure.StackTrace, StringComparison.Ordinal);
        Assert.Empty(TaskGroup.FurtherFailuresOf(failure));
    });

    [Fact]
    public void One_failure_cancels_siblings_and_body_and_waits_for_them() => OnLoop.Run(async () =>
    {
        var ended = new List<string>();
        Coroutine? sibling = null;
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => TaskGroup.RunAsync(async group =>
        {
            sibling = group.Spawn(() => WaitAsync("sibling"));
            group.Spawn(static () => FailAsync(new InvalidTimeZoneException()));
            await WaitAsync("body");
        }));
        Assert.Equal(["body", "sibling"], ended.Order());
        Assert.Equal(CoroutineState.Cancelled, sibling!.Node.State);
        Assert.Null(sibling.Failure);

        async Task WaitAsync(string name)
        {
            try
            {
                await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
            }
            finally
            {
                ended.Add(name);
            }
        }
    });

    [Fact]
    public void Two_failures_in_one_turn_the_first_is_thrown_and_the_second_reachable() => OnLoop.Run(async () =>
    {
        var failure = await Assert.ThrowsAsync<InvalidTimeZoneException>(static () => TaskGroup.RunAsync(static group =>
        {
            group.Spawn(static () => throw new InvalidTimeZoneException("first"));
            group.Spawn(static () => throw new TimeZoneNotFoundException("second"));
            return Task.CompletedTask;
        }));
        Assert.Equal("second", Assert.IsType<TimeZoneNotFoundException>(Assert.Single(TaskGroup.FurtherFailuresOf(failure))).Message);
    });

    [Fact]
    public void A_failure_while_cleaning_up_is_reachable_from_the_first() => OnLoop.Run(async () =>
    {
        var failure = await Assert.ThrowsAsync<InvalidTimeZoneException>(static () => TaskGroup.RunAsync(static group =>
        {
            for (int i = 0; i < 3; i++)
            {
                group.Spawn(static async () =>
                {
                    try
                    {
                        await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
                    }
                    finally
                    {
                        throw new TimeZoneNotFoundException("while cleaning up");
                    }
                });
            }

            group.Spawn(static () => FailAsync(new InvalidTimeZoneException()));
            return Task.CompletedTask;
        }));
        Assert.Equal(3, TaskGroup.FurtherFailuresOf(failure).Count);
    });

    [Fact]
    public void A_failing_body_cancels_the_children_and_is_thrown_once_they_have_ended() => OnLoop.Run(async () =>
    {
        bool ended = false;
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => TaskGroup.RunAsync(async group =>
        {
            group.Spawn(async () =>
            {
                try
                {
                    await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
                }
                finally
                {
                    ended = true;
                }
            });
            await Coroutine.YieldAsync();
            throw new InvalidTimeZoneException();
        }));
        Assert.True(ended);
    });

    [Fact]
    public void The_bodys_failure_comes_before_those_that_its_own_cleaning_up_brings_about() => OnLoop.Run(async () =>
    {
        var failure = await Assert.ThrowsAsync<InvalidTimeZoneException>(static () => TaskGroup.RunAsync(static async group =>
        {
            await using Pair pair = await Pair.ConnectAsync();
            group.Spawn(async () => await pair.Server.Input.ReadAsync());
            await Coroutine.YieldAsync();
            throw new InvalidTimeZoneException();
        }));
        Assert.IsType<IOException>(Assert.Single(TaskGroup.FurtherFailuresOf(failure)));
    });

    [Fact]
    public void A_body_that_throws_before_its_first_await_is_treated_the_same() => OnLoop.Run(async () =>
    {
        Coroutine? child = null;
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => TaskGroup.RunAsync(group =>
        {
            child = group.Spawn(static async () => await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan));
            throw new InvalidTimeZoneException();
        }));
        Assert.Equal(CoroutineState.Cancelled, child!.Node.State);
    });

    [Fact]
    public void A_failure_beats_a_cancellation_from_outside() => OnLoop.Run(async () =>
    {
        await Assert.ThrowsAsync<InvalidTimeZoneException>(static () => CancelScope.RunAsync(static scope => TaskGroup.RunAsync(group =>
        {
            group.Spawn(static async () =>
            {
                try
                {
                    await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
                }
                finally
                {
                    throw new InvalidTimeZoneException();
                }
            });
            EventLoop.Current.Post(() => scope.Cancel());
            return Task.CompletedTask;
        })));
    });

    [Fact]
    public void A_failure_of_an_inner_group_fails_the_outer_with_the_same_exception_and_its_company() => OnLoop.Run(async () =>
    {
        var failure = await Assert.ThrowsAsync<InvalidTimeZoneException>(static () => TaskGroup.RunAsync(static outer =>
        {
            outer.Spawn(static () => TaskGroup.RunAsync(static inner =>
            {
                inner.Spawn(static () => throw new InvalidTimeZoneException());
                inner.Spawn(static () => throw new TimeZoneNotFoundException());
                return Task.CompletedTask;
            }));
            return Task.CompletedTask;
        }));
        Assert.IsType<TimeZoneNotFoundException>(Assert.Single(TaskGroup.FurtherFailuresOf(failure)));
    });

    [Fact]
    public void A_childs_cancellation_that_nobody_asked_of_it_is_a_failure_not_lost() => OnLoop.Run(async () =>
    {
        // As HttpClient reports a time-out: an OperationCanceledException though nobody cancelled anything.
        Coroutine? child = null;
        var failure = await Assert.ThrowsAsync<TaskCanceledException>(() => TaskGroup.RunAsync(group =>
        {
            child = group.Spawn(static () => FailAsync(new TaskCanceledException("the request timed out")));
            return Task.CompletedTask;
        }));
        Assert.Equal("the request timed out", failure.Message);
        Assert.Equal(CoroutineState.Failed, child!.Node.State);
    });

    [Fact]
    public void The_same_of_the_main_coroutine_is_thrown_by_the_run_as_itself()
    {
        var failure = OnLoop.Throws<TaskCanceledException>(static () => FailAsync(new TaskCanceledException("the request timed out")));
        Assert.Equal("the request timed out", failure.Message);
    }

    [Fact]
    public void A_thousand_failures_are_all_reachable() => OnLoop.Run(async () =>
    {
        var failure = await Assert.ThrowsAsync<InvalidTimeZoneException>(static () => TaskGroup.RunAsync(static group =>
        {
            for (int i = 0; i < 1000; i++)
            {
                group.Spawn(static () => throw new InvalidTimeZoneException());
            }

            return Task.CompletedTask;
        }));
        Assert.Equal(999, TaskGroup.FurtherFailuresOf(failure).Count);
    });

    private static async Task FailAsync(Exception failure)
    {
        await Coroutine.YieldAsync();
        throw failure;
    }

    [Fact]
    public void Failures_that_equal_each_other_are_two()
    {
        var failure = OnLoop.Throws<LookAlikeException>(static () => TaskGroup.RunAsync(static group =>
        {
            for (int i = 0; i < 3; i++)
            {
                group.Spawn(static () => Task.FromException(new LookAlikeException()));
            }

            return Task.CompletedTask;
        }));
        Assert.Equal(2, TaskGroup.FurtherFailuresOf(failure).Count);
    }

    private sealed class LookAlikeException : Exception
    {
        public override bool Equals(object? obj) => obj is LookAlikeException;

        public override int GetHashCode() => 1;
    }
}
