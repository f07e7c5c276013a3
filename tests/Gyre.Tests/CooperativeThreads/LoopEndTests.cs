namespace Gyre.Tests.CooperativeThreads;

/// <summary>A loop that ends while cooperative threads wait on it: they unwind, nobody hangs, no thread stays.</summary>
public sealed class LoopEndTests
{
    private static readonly RuntimeOptions s_noGrace = OnLoop.Options with { ShutdownGrace = TimeSpan.Zero };

    [Fact]
    public void Parked_threads_are_cancelled_at_the_end_and_awaited()
    {
        int unwound = 0;
        OnLoop.Run(async () =>
        {
            for (int i = 0; i < 10; i++)
            {
                SpawnParked(() => unwound++);
            }

            await OnLoop.TurnsAsync(2);
        });
        Assert.Equal(10, unwound);
    }

    [Fact]
    public void Without_grace_parked_threads_run_their_finally_blocks_one_at_a_time_before_the_run_returns()
    {
        int unwound = 0;
        int inside = 0;
        BatonCount? threads = null;
        TimeoutException thrown = OnLoop.Throws<TimeoutException>(
            async () =>
            {
                threads = new BatonCount();
                for (int i = 0; i < 10; i++)
                {
                    SpawnParked(() =>
                    {
                        Assert.Equal(1, ++inside);
                        Thread.SpinWait(10_000);
                        inside--;
                        unwound++;
                    });
                }

                await OnLoop.TurnsAsync(2);
            },
            s_noGrace);
        Assert.Contains("parked", thrown.Message, StringComparison.Ordinal);
        Assert.Equal(10, unwound);
        threads!.FallsToZero();
    }

    [Fact]
    public void A_thread_that_waits_on_behind_a_shield_is_thrown_out_of_its_wait_when_the_loop_is_gone()
    {
        using var unwound = new ManualResetEventSlim();
        BatonCount? threads = null;
        Exception? thrown = null;
        Exception? thrownAgain = null;
        OnLoop.Throws<TimeoutException>(
            async () =>
            {
                threads = new BatonCount();
                EventLoop.Current.Spawn(() => CooperativeThread.Run(() => CancelScope.Run(scope =>
                {
                    scope.Shield = true;
                    try
                    {
                        thrown = Record.Exception(static () => CooperativeThread.Sleep(TimeSpan.FromHours(1)));
                        thrownAgain = Record.Exception(static () => CooperativeThread.Sleep(TimeSpan.FromHours(1)));
                        CooperativeThread.Yield();
                    }
                    finally
                    {
                        Assert.Null(EventLoop.CurrentOrNull);
                        unwound.Set();
                    }
                })));
                await OnLoop.TurnsAsync(2);
            },
            s_noGrace);
        Assert.True(unwound.Wait(OnLoop.HangBound), "The thread hangs.");
        Assert.IsType<OperationCanceledException>(thrown);
        Assert.Contains("has ended", thrown.Message, StringComparison.Ordinal);
        Assert.IsType<OperationCanceledException>(thrownAgain);
        threads!.FallsToZero();
    }

    [Fact]
    public void A_thread_that_swallows_every_cancellation_does_not_hold_up_the_end()
    {
        int swallowed = 0;
        BatonCount? threads = null;
        OnLoop.Run(
            async () =>
            {
                threads = new BatonCount();
                EventLoop.Current.Spawn(() => CooperativeThread.Run(() =>
                {
                    while (swallowed < 1000)
                    {
                        try
                        {
                            CooperativeThread.Sleep(TimeSpan.FromHours(1));
                        }
                        catch (OperationCanceledException)
                        {
                            swallowed++;
                        }
                    }
                }));
                await OnLoop.TurnsAsync(2);
            });
        Assert.Equal(1000, swallowed);
        threads!.FallsToZero();
    }

    [Fact]
    public void A_thread_that_blocks_for_real_is_named_and_goes_on_alone_when_it_wakes()
    {
        using var semaphore = new SemaphoreSlim(0);
        using var over = new ManualResetEventSlim();
        Exception? next = null;
        BatonCount? threads = null;
        TimeoutException thrown = OnLoop.Throws<TimeoutException>(
            async () =>
            {
                threads = new BatonCount();
                Coroutine blocked = EventLoop.Current.Spawn(
                    () => CooperativeThread.Run(() =>
                    {
                        semaphore.Wait();
                        next = Record.Exception(CooperativeThread.Yield);
                        over.Set();
                    }),
                    "blocker");
                await OnLoop.UntilAsync(() => blocked.Node.DescribeWaits().Contains("blocking call", StringComparison.Ordinal));
            },
            s_noGrace);
        Assert.Contains("a blocking call of a cooperative thread", thrown.Message, StringComparison.Ordinal);
        Assert.Contains("blocker", thrown.Message, StringComparison.Ordinal);
        semaphore.Release();
        Assert.True(over.Wait(OnLoop.HangBound), "The thread hangs.");
        Assert.IsType<OperationCanceledException>(next);
        threads!.FallsToZero();
    }

    [Fact]
    public void A_body_that_fails_after_its_loop_has_ended_is_reported_and_ends_nothing_else()
    {
        using var semaphore = new SemaphoreSlim(0);
        using var reported = new ManualResetEventSlim();
        string? report = null;
        OnLoop.Throws<TimeoutException>(
            async () =>
            {
                Coroutine blocked = EventLoop.Current.Spawn(
                    () => CooperativeThread.Run(() =>
                    {
                        semaphore.Wait();
                        throw new InvalidDataException("too late");
                    }),
                    "blocker");
                await OnLoop.UntilAsync(() => blocked.Node.DescribeWaits().Contains("blocking call", StringComparison.Ordinal));
            },
            s_noGrace with
            {
                Log = line =>
                {
                    if (line.Contains("had ended", StringComparison.Ordinal))
                    {
                        report = line;
                        reported.Set();
                    }
                },
            });
        semaphore.Release();
        Assert.True(reported.Wait(OnLoop.HangBound), "Nothing was reported.");
        Assert.Contains("blocker", report, StringComparison.Ordinal);
        Assert.Contains("too late", report, StringComparison.Ordinal);
    }

    [Fact]
    public void The_run_waits_within_its_grace_for_a_thread_that_blocks_for_real()
    {
        using var semaphore = new SemaphoreSlim(0);
        bool over = false;
        OnLoop.Run(
            async () =>
            {
                Coroutine blocked = EventLoop.Current.Spawn(() => CooperativeThread.Run(() =>
                {
                    semaphore.Wait();
                    over = true;
                }));
                await OnLoop.UntilAsync(() => blocked.Node.DescribeWaits().Contains("blocking call", StringComparison.Ordinal));
                EventLoop.Current.CallLater(TimeSpan.FromMilliseconds(5), () => semaphore.Release());
            },
            OnLoop.Options with { ShutdownGrace = OnLoop.HangBound });
        Assert.True(over);
    }

    [Fact]
    public void Idle_threads_end_with_their_loop()
    {
        BatonCount? threads = null;
        OnLoop.Run(async () =>
        {
            await TaskGroup.RunAsync(static group =>
            {
                for (int i = 0; i < 5; i++)
                {
                    group.SpawnThread(CooperativeThread.Yield);
                }

                return Task.CompletedTask;
            });
            threads = new BatonCount();
            Assert.Equal(5, threads.Count);
        });
        threads!.FallsToZero();
    }

    [Fact]
    public void A_failing_thread_of_the_loop_ends_the_run_with_its_failure()
    {
        bool unwound = false;
        InvalidDataException thrown = OnLoop.Throws<InvalidDataException>(async () =>
        {
            SpawnParked(() => unwound = true);
            EventLoop.Current.Spawn(static () => CooperativeThread.Run(static () =>
            {
                CooperativeThread.Yield();
                throw new InvalidDataException("the thread's");
            }));
            await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
        });
        Assert.Equal("the thread's", thrown.Message);
        Assert.True(unwound);
    }

    [Fact]
    public void A_run_that_nobody_awaits_is_waited_for_at_the_end()
    {
        bool unwound = false;
        OnLoop.Run(() =>
        {
            _ = CooperativeThread.Run(() =>
            {
                try
                {
                    CooperativeThread.Sleep(TimeSpan.FromHours(1));
                }
                finally
                {
                    unwound = true;
                }
            });
            return Task.CompletedTask;
        });
        Assert.True(unwound);
    }

    private static void SpawnParked(Action onUnwinding) => EventLoop.Current.Spawn(
        () => CooperativeThread.Run(() =>
        {
            try
            {
                CooperativeThread.Sleep(Timeout.InfiniteTimeSpan);
            }
            finally
            {
                onUnwinding();
            }
        }),
        "parked");

    /// <summary>The threads of the current loop, to be counted when it has ended.</summary>
    private sealed class BatonCount
    {
        private readonly Func<int> _count;

        public BatonCount()
        {
            EventLoop loop = EventLoop.Current;
            _count = () => loop.Batons.Count;
        }

        public int Count => _count();

        public void FallsToZero() => Assert.True(SpinWait.SpinUntil(() => Count == 0, OnLoop.HangBound), $"{Count} threads are left.");
    }
}
