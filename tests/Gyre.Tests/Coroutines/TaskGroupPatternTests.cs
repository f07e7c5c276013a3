using Gyre.Diagnostics;

namespace Gyre.Tests;

public sealed class TaskGroupPatternTests
{
    private static readonly TimeSpan s_soon = TimeSpan.FromMilliseconds(1);

    [Fact]
    public void The_first_success_cancels_the_others_and_waits_for_them() => OnLoop.Run(async () =>
    {
        int cleanedUp = 0;
        int value = await TaskGroup.FirstSuccessAsync(
            NeverAsync,
            static async () =>
            {
                await Coroutine.YieldAsync();
                throw new InvalidTimeZoneException();
            },
            static async () =>
            {
                await Coroutine.SleepAsync(s_soon);
                return 7;
            },
            NeverAsync);
        Assert.Equal(7, value);
        Assert.Equal(2, cleanedUp);

        async Task<int> NeverAsync()
        {
            try
            {
                await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
                return 0;
            }
            finally
            {
                cleanedUp++;
            }
        }
    });

    [Fact]
    public void When_nobody_succeeds_all_failures_are_told() => OnLoop.Run(async () =>
    {
        var failure = await Assert.ThrowsAsync<AggregateException>(() => TaskGroup.FirstSuccessAsync<int>(
            static () => throw new InvalidTimeZoneException(), static () => Task.FromException<int>(new InvalidProgramException())));
        Assert.Equal([typeof(InvalidTimeZoneException), typeof(InvalidProgramException)], failure.InnerExceptions.Select(static inner => inner.GetType()));
        await Assert.ThrowsAsync<ArgumentException>(() => TaskGroup.FirstSuccessAsync<int>());
    });

    [Fact]
    public void Cancelled_from_outside_the_first_success_throws_that() => OnLoop.Run(async () =>
    {
        CancelScope scope = await CancelScope.MoveOnAfterAsync(s_soon, _ => TaskGroup.FirstSuccessAsync<int>(static async () =>
        {
            await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
            return 1;
        }));
        Assert.True(scope.CancelledCaught);
    });

    [Fact]
    public void A_started_child_tells_that_it_is_ready_and_goes_on() => OnLoop.Run(() => TaskGroup.RunAsync(static async group =>
    {
        bool ended = false;
        int port = await group.StartAsync<int>(async ready =>
        {
            await Coroutine.YieldAsync();
            ready.SetResult(8080);
            await Coroutine.SleepAsync(s_soon);
            ended = true;
        });
        Assert.Equal(8080, port);
        Assert.False(ended);
        await group.DrainAsync();
        Assert.True(ended);
    }));

    [Fact]
    public void A_failure_before_it_was_ready_is_the_starters_and_after_that_the_groups() => OnLoop.Run(async () =>
    {
        await TaskGroup.RunAsync(static async group =>
        {
            await Assert.ThrowsAsync<InvalidTimeZoneException>(() => group.StartAsync<int>(static async _ =>
            {
                await Coroutine.YieldAsync();
                throw new InvalidTimeZoneException();
            }));
            Assert.False(group.IsCancelRequested);
            var silent = await Assert.ThrowsAsync<InvalidOperationException>(() => group.StartAsync<int>(static _ => Task.CompletedTask));
            Assert.Contains("without saying that it is ready", silent.Message, StringComparison.Ordinal);
        });
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => TaskGroup.RunAsync(static group => group.StartAsync<int>(static async ready =>
        {
            ready.SetResult(1);
            await Coroutine.YieldAsync();
            throw new InvalidTimeZoneException();
        })));
    });

    [Fact]
    public void Whoever_gives_up_waiting_for_a_child_cancels_it() => OnLoop.Run(() => TaskGroup.RunAsync(static async group =>
    {
        bool cancelled = false;
        CancelScope scope = await CancelScope.MoveOnAfterAsync(s_soon, _ => group.StartAsync<int>(async _ =>
        {
            try
            {
                await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
            }
            finally
            {
                cancelled = true;
            }
        }));
        Assert.True(scope.CancelledCaught);
        await group.DrainAsync();
        Assert.True(cancelled);
    }));

    [Fact]
    public void A_value_comes_of_every_way_to_spawn() => OnLoop.Run(() => TaskGroup.RunAsync(static async group =>
    {
        bool begun = false;
        Coroutine<int> now = group.SpawnNow(async () =>
        {
            begun = true;
            await Coroutine.YieldAsync();
            return 1;
        });
        Assert.True(begun);
        Coroutine<int> background = EventLoop.Current.Spawn(static async () =>
        {
            await Coroutine.YieldAsync();
            return 2;
        });
        int[] values = await Future.All([now, background]);
        Assert.Equal([1, 2], values);
    }));

    [Fact]
    public void Drained_a_group_is_still_open() => OnLoop.Run(() => TaskGroup.RunAsync(static async group =>
    {
        await group.DrainAsync();
        int ended = 0;
        for (int round = 1; round <= 3; round++)
        {
            for (int i = 0; i < 10; i++)
            {
                group.Spawn(async () =>
                {
                    await Coroutine.YieldAsync();
                    ended++;
                });
            }

            await Task.WhenAll(group.DrainAsync().AsTask(), group.DrainAsync().AsTask());
            Assert.Equal(10 * round, ended);
        }
    }));

    [Fact]
    public void Asked_to_a_group_always_throws_an_aggregate() => OnLoop.Run(async () =>
    {
        var options = new TaskGroupOptions { AlwaysAggregate = true };
        var one = await Assert.ThrowsAsync<AggregateException>(
            () => TaskGroup.RunAsync(static _ => throw new InvalidTimeZoneException(), options));
        Assert.IsType<InvalidTimeZoneException>(Assert.Single(one.InnerExceptions));
        var two = await Assert.ThrowsAsync<AggregateException>(() => TaskGroup.RunAsync(
            static group =>
            {
                group.Spawn(static () => throw new InvalidTimeZoneException());
                group.Spawn(static () => throw new InvalidProgramException());
                return Task.CompletedTask;
            },
            options));
        Assert.Equal(2, two.InnerExceptions.Count);
        await TaskGroup.RunAsync(static _ => Task.CompletedTask, options);
    });

    [Fact]
    public void A_token_from_outside_cancels_a_scope_from_any_thread() => OnLoop.Run(async () =>
    {
        using var source = new CancellationTokenSource();
        var thread = new Thread(source.Cancel);
        CancelScope scope = await CancelScope.RunAsync(
            async _ =>
            {
                thread.Start();
                await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
            },
            source.Token);
        thread.Join();
        Assert.True(scope.CancelledCaught);
        Assert.Equal("its token was cancelled", scope.Reason);
        CancelScope before = await CancelScope.RunAsync(static async _ => await Coroutine.YieldAsync(), source.Token);
        Assert.True(before.CancelledCaught);
    });

    [Fact]
    public void The_effective_deadline_is_the_earliest_up_to_a_shield() => OnLoop.Run(async () =>
    {
        Assert.Null(CancelScope.CurrentEffectiveDeadline);
        TimeSpan now = EventLoop.Current.Time;
        await CancelScope.RunAsync(async outer =>
        {
            outer.Deadline = now + TimeSpan.FromHours(1);
            await CancelScope.RunAsync(inner =>
            {
                Assert.Equal(outer.Deadline, inner.EffectiveDeadline);
                inner.Deadline = now + TimeSpan.FromHours(2);
                Assert.Equal(outer.Deadline, CancelScope.CurrentEffectiveDeadline);
                inner.Shield = true;
                Assert.Equal(inner.Deadline, CancelScope.CurrentEffectiveDeadline);
                inner.Deadline = null;
                Assert.Null(CancelScope.CurrentEffectiveDeadline);
                return Task.CompletedTask;
            });
        });
    });

    [Fact]
    public void Whoever_waits_for_a_child_to_be_ready_is_told_when_that_is_cancelled_alone() => OnLoop.Run(() => TaskGroup.RunAsync(static async group =>
    {
        Future<int>? ready = null;
        Task<int> starting = group.StartAsync<int>(
            async given =>
            {
                ready = given;
                await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
            },
            "the child");
        await OnLoop.TurnsAsync(3);
        Assert.Single(Coroutine.Current!.Children).Cancel();
        var end = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => starting);
        Assert.Contains("before it was ready", end.Message, StringComparison.Ordinal);
        Assert.True(ready!.IsDone);
        Assert.False(group.IsCancelRequested);
    }));

    [Fact]
    public void A_child_that_is_spawned_while_lost_failures_are_told_is_waited_for() => OnLoop.Run(static async () =>
    {
        bool ended = false;
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => TaskGroup.RunAsync(group =>
        {
            group.Token.Register(() => group.Spawn(async () =>
            {
                await CancelScope.RunAsync(static async scope =>
                {
                    scope.Shield = true;
                    await OnLoop.TurnsAsync(5);
                });
                ended = true;
            }));
            new Future().SetException(new InvalidTimeZoneException());
            return Task.CompletedTask;
        }));
        Assert.True(ended);
    });
}
