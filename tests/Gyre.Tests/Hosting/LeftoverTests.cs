using Gyre.Diagnostics;

namespace Gyre.Tests;

/// <summary>What is still there when the main coroutine ends: cancelled, awaited for a grace, then named.</summary>
public sealed class LeftoverTests
{
    private static readonly RuntimeOptions s_shortGrace = OnLoop.Options with { ShutdownGrace = TimeSpan.FromMilliseconds(20) };

    [Fact]
    public void Background_coroutines_are_cancelled_and_awaited()
    {
        Coroutine? background = null;
        bool cleanedUp = false;
        OnLoop.Run(() =>
        {
            background = EventLoop.Current.Spawn(async () =>
            {
                try
                {
                    await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
                }
                finally
                {
                    await CancelScope.RunAsync(async shielded =>
                    {
                        shielded.Shield = true;
                        await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(2));
                        cleanedUp = true;
                    });
                }
            });
            return Task.CompletedTask;
        });
        Assert.True(cleanedUp);
        Assert.Equal(CoroutineState.Cancelled, background!.Node.State);
    }

    [Fact]
    public void One_that_ignores_its_cancellation_is_named_with_what_it_waits_for()
    {
        var failure = OnLoop.Throws<TimeoutException>(
            static async () =>
            {
                EventLoop.Current.Spawn(
                    static () => CancelScope.RunAsync(static async scope =>
                    {
                        scope.Shield = true;
                        await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
                    }),
                    "the stubborn one");
                await Coroutine.YieldAsync();
            },
            s_shortGrace);
        Assert.Contains("the stubborn one (spawned at LeftoverTests.cs:", failure.Message, StringComparison.Ordinal);
        Assert.Contains("waits for Timer", failure.Message, StringComparison.Ordinal);
        Assert.Contains("'loop-0'", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Its_children_are_named_too()
    {
        var failure = OnLoop.Throws<TimeoutException>(
            static async () =>
            {
                EventLoop.Current.Spawn(
                    static () => TaskGroup.RunAsync(static group =>
                    {
                        group.Spawn(static () => new TaskCompletionSource().Task, "the stubborn child");
                        return Task.CompletedTask;
                    }),
                    "its parent");
                await Coroutine.YieldAsync();
            },
            s_shortGrace);
        Assert.Contains("its parent", failure.Message, StringComparison.Ordinal);
        Assert.Contains("the stubborn child", failure.Message, StringComparison.Ordinal);
        Assert.Contains("foreign task", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failure_of_main_is_thrown_with_the_time_out_beside_it()
    {
        var failure = OnLoop.Throws<InvalidTimeZoneException>(
            static async () =>
            {
                EventLoop.Current.Spawn(static () => new TaskCompletionSource().Task);
                await Coroutine.YieldAsync();
                throw new InvalidTimeZoneException();
            },
            s_shortGrace);
        Assert.IsType<TimeoutException>(Assert.Single(TaskGroup.FurtherFailuresOf(failure)));
    }

    [Fact]
    public void A_flow_of_main_that_nobody_awaited_is_cancelled_and_unwinds_on_the_loop()
    {
        bool unwoundOnLoop = false;
        OnLoop.Run(async () =>
        {
            _ = FlowAsync();
            await Coroutine.YieldAsync();
        });
        Assert.True(unwoundOnLoop);

        async Task FlowAsync()
        {
            try
            {
                await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
            }
            finally
            {
                await Task.Yield();
                unwoundOnLoop = EventLoop.CurrentOrNull is not null;
            }
        }
    }

    [Fact]
    public void A_flow_that_was_ready_when_main_ended_unwinds_on_the_loop_with_all_it_still_waits_for()
    {
        // A woken flow hangs on nothing until it runs; the run used to end before it, and left it to the pool.
        bool cleanedUp = false;
        OnLoop.Run(() =>
        {
            _ = OuterAsync();
            return Task.CompletedTask;
        });
        Assert.True(cleanedUp);

        async Task OuterAsync()
        {
            try
            {
                await InnerAsync();
            }
            finally
            {
                await CancelScope.RunAsync(async shielded =>
                {
                    shielded.Shield = true;
                    await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(2));
                    cleanedUp = true;
                });
            }
        }

        static async Task InnerAsync()
        {
            await Task.Yield();
            await Coroutine.YieldAsync();
        }
    }

    [Fact]
    public void An_async_void_flow_that_is_still_there_is_cancelled_and_is_no_failure()
    {
        bool ended = false;
        OnLoop.Run(async () =>
        {
            Flow();
            await Coroutine.YieldAsync();
        });
        Assert.True(ended);

        async void Flow()
        {
            try
            {
                await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
            }
            finally
            {
                ended = true;
            }
        }
    }

    [Fact]
    public void Callbacks_that_post_themselves_for_ever_do_not_keep_the_run_alive()
    {
        int rounds = 0;
        OnLoop.Run(() =>
        {
            EventLoop loop = EventLoop.Current;
            loop.Post(Again);
            return Task.CompletedTask;

            void Again()
            {
                rounds++;
                loop.Post(Again);
            }
        });
        Assert.InRange(rounds, 1, 1000);
    }

    [Fact]
    public void A_timer_that_is_still_pending_is_dropped()
    {
        bool called = false;
        OnLoop.Run(() =>
        {
            EventLoop.Current.CallLater(TimeSpan.FromHours(1), () => called = true);
            return Task.CompletedTask;
        });
        Assert.False(called);
    }

    [Fact]
    public void A_background_failure_cancels_main_and_is_thrown_as_itself()
    {
        bool cancelled = false;
        var thrown = new InvalidTimeZoneException();
        var failure = OnLoop.Throws<InvalidTimeZoneException>(async () =>
        {
            EventLoop.Current.Spawn(async () =>
            {
                await Coroutine.YieldAsync();
                throw thrown;
            });
            try
            {
                await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
            }
            catch (OperationCanceledException)
            {
                cancelled = true;
                throw;
            }
        });
        Assert.Same(thrown, failure);
        Assert.True(cancelled);
    }

    [Fact]
    public void One_spawned_while_the_run_ends_starts_and_its_first_wait_throws()
    {
        bool started = false;
        bool passed = false;
        OnLoop.Run(async () =>
        {
            EventLoop loop = EventLoop.Current;
            loop.Spawn(async () =>
            {
                try
                {
                    await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
                }
                finally
                {
                    loop.Spawn(async () =>
                    {
                        started = true;
                        await Coroutine.YieldAsync();
                        passed = true;
                    });
                }
            });
            await Coroutine.YieldAsync();
        });
        Assert.True(started);
        Assert.False(passed);
    }

    [Fact]
    public void One_whose_foreign_wait_ends_after_the_run_is_reported_when_it_fails_and_harms_nobody()
    {
        var foreign = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var reported = new ManualResetEventSlim();
        string report = "";
        OnLoop.Throws<TimeoutException>(
            async () =>
            {
                EventLoop.Current.Spawn(
                    async () =>
                    {
                        await foreign.Task;
                        throw new InvalidTimeZoneException();
                    },
                    "the late one");
                await Coroutine.YieldAsync();
            },
            s_shortGrace with
            {
                Log = line =>
                {
                    report = line;
                    reported.Set();
                },
            });
        foreign.SetResult();
        Assert.True(reported.Wait(OnLoop.HangBound));
        Assert.Contains("the late one", report, StringComparison.Ordinal);
        Assert.Contains(nameof(InvalidTimeZoneException), report, StringComparison.Ordinal);
    }
}
