using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net;
using Gyre.Drivers;
using Gyre.Net;

namespace Gyre.Tests;

public sealed class EventLoopGroupTests
{
    private static readonly RuntimeOptions s_threeLoops = OnLoop.Options with { Loops = 3 };

    [Fact]
    public void Each_loop_has_its_own_thread_and_name() => OnLoop.Run(
        static async () =>
        {
            EventLoopGroup group = EventLoopGroup.Current;
            Assert.Equal(["loop-0", "loop-1", "loop-2"], group.Loops.Select(static loop => loop.Name));
            Assert.Same(EventLoop.Current, group.Loops[0]);
            var threads = new List<int>();
            foreach (EventLoop loop in group.Loops)
            {
                threads.Add(await loop.InvokeAsync(() =>
                {
                    Assert.Same(loop, EventLoop.Current);
                    Assert.Same(group, EventLoopGroup.Current);
                    return Task.FromResult(Environment.CurrentManagedThreadId);
                }));
            }

            Assert.Equal(3, threads.Distinct().Count());
            Assert.Equal(Environment.CurrentManagedThreadId, threads[0]);
        },
        s_threeLoops);

    [Fact]
    public void Zero_loops_stands_for_one_per_core() => OnLoop.Run(
        static () =>
        {
            Assert.Equal(Environment.ProcessorCount, EventLoopGroup.Current.Loops.Count);
            return Task.CompletedTask;
        },
        OnLoop.Options with { Loops = 0 });

    [Fact]
    public void A_group_of_its_own_has_a_loop_for_each_core_unless_told_otherwise()
    {
        Assert.Equal(Environment.ProcessorCount, CountLoops(loops: null));
        Assert.Equal(3, CountLoops(loops: 3));

        static int CountLoops(int? loops)
        {
            int count = 0;
            Func<Task> main = () =>
            {
                count = EventLoopGroup.Current.Loops.Count;
                return Task.CompletedTask;
            };
            RunOutcome outcome = loops is { } number
                ? EventLoopGroup.Run(main, number, OnLoop.Options)
                : EventLoopGroup.Run(main, options: OnLoop.Options);
            Assert.Equal(RunOutcome.Completed, outcome);
            return count;
        }
    }

    [Fact]
    public void An_option_out_of_range_is_refused_where_it_is_set()
    {
        Assert.Contains("one per core", Refuse(static () => new RuntimeOptions { Loops = -1 }), StringComparison.Ordinal);
        Assert.Contains("1024", Refuse(static () => new RuntimeOptions { Loops = 100_000 }), StringComparison.Ordinal);
        Assert.Contains("10 ms", Refuse(static () => new RuntimeOptions { StallThreshold = TimeSpan.Zero }), StringComparison.Ordinal);
        Assert.Contains(
            "InfiniteTimeSpan", Refuse(static () => new RuntimeOptions { ShutdownGrace = TimeSpan.FromSeconds(-5) }), StringComparison.Ordinal);
        Assert.Equal(Timeout.InfiniteTimeSpan, new RuntimeOptions { StallThreshold = Timeout.InfiniteTimeSpan }.StallThreshold);

        static string Refuse(Func<RuntimeOptions> set) => Assert.Throws<ArgumentOutOfRangeException>(set).Message;
    }

    [Fact]
    public void InvokeAsync_in_a_cancelled_scope_does_not_start_the_body() => OnLoop.Run(
        static async () =>
        {
            bool started = false;
            await CancelScope.RunAsync(async scope =>
            {
                scope.Cancel();
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => EventLoopGroup.Current.Loops[1].InvokeAsync(() =>
                {
                    started = true;
                    return Task.CompletedTask;
                }));
            });
            await EventLoopGroup.Current.Loops[1].InvokeAsync(static () => Task.CompletedTask);
            Assert.False(started);
        },
        OnLoop.Options with { Loops = 2 });

    [Fact]
    public void InvokeAsync_gives_a_foreign_time_out_to_the_caller_as_it_is() => OnLoop.Run(
        static async () =>
        {
            var thrown = new TaskCanceledException("too slow", new TimeoutException());
            var caught = await Assert.ThrowsAsync<TaskCanceledException>(
                () => EventLoopGroup.Current.Loops[1].InvokeAsync(() => Task.FromException(thrown)));
            Assert.Same(thrown, caught);
        },
        OnLoop.Options with { Loops = 2 });

    [Fact]
    public void InvokeAsync_gives_values_and_failures_to_the_caller_at_home() => OnLoop.Run(
        static async () =>
        {
            EventLoop home = EventLoop.Current;
            EventLoop other = EventLoopGroup.Current.Loops[1];
            Assert.Equal(7, await other.InvokeAsync(static async () =>
            {
                await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(1));
                return 7;
            }));
            Assert.Same(home, EventLoop.Current);
            var failure = await Assert.ThrowsAsync<InvalidTimeZoneException>(() => other.InvokeAsync(static async () =>
            {
                await Coroutine.YieldAsync();
                throw new InvalidTimeZoneException("over there");
            }));
            Assert.Equal("over there", failure.Message);
            Assert.Same(home, EventLoop.Current);

            // The failure was the caller's; the other loop lives on.
            Assert.Equal(8, await other.InvokeAsync(static () => Task.FromResult(8)));
        },
        s_threeLoops);

    [Fact]
    public void A_cancelled_caller_cancels_the_work_and_waits_for_its_end() => OnLoop.Run(
        static async () =>
        {
            EventLoop other = EventLoopGroup.Current.Loops[1];
            bool cleanedUp = false;
            CancelScope scope = await CancelScope.MoveOnAfterAsync(TimeSpan.FromMilliseconds(2), async _ => await other.InvokeAsync(async () =>
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
                        Volatile.Write(ref cleanedUp, true);
                    });
                }
            }));
            Assert.True(scope.CancelledCaught);
            Assert.True(Volatile.Read(ref cleanedUp));
        },
        s_threeLoops);

    [Fact]
    public void InvokeAsync_from_the_pool() => OnLoop.Run(
        static async () =>
        {
            EventLoop other = EventLoopGroup.Current.Loops[2];
            Assert.Same(other, await Task.Run(() => other.InvokeAsync(static () => Task.FromResult(EventLoop.Current))));
        },
        s_threeLoops);

    [Fact]
    public async Task InvokeAsync_on_a_loop_that_has_ended_is_refused()
    {
        EventLoop ended = OnLoop.Run(static () => Task.FromResult(EventLoop.Current));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => ended.InvokeAsync(static () => Task.CompletedTask));
    }

    [Fact]
    public async Task A_caller_outside_is_told_when_the_loop_ends_before_the_work()
    {
        Task? call = null;
        OnLoop.Throws<TimeoutException>(
            async () =>
            {
                EventLoop loop = EventLoop.Current;
                bool started = false;
                call = Task.Run(() => loop.InvokeAsync(() =>
                {
                    started = true;
                    return new TaskCompletionSource().Task;
                }));
                await OnLoop.UntilAsync(() => started);
            },
            OnLoop.Options with { ShutdownGrace = TimeSpan.FromMilliseconds(5) });
        await Assert.ThrowsAsync<ObjectDisposedException>(() => call!.WaitAsync(OnLoop.HangBound));
    }

    [Fact]
    public void A_loop_that_dies_takes_the_group_down_with_its_exception()
    {
        bool mainCancelled = false;
        var failure = OnLoop.Throws<InvalidTimeZoneException>(
            async () =>
            {
                EventLoop other = EventLoopGroup.Current.Loops[1];
                try
                {
                    await other.InvokeAsync(async () =>
                    {
                        ((TroubledDriver)EventLoop.Current.Driver).Dies = true;
                        await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
                    });
                }
                finally
                {
                    await Assert.ThrowsAnyAsync<OperationCanceledException>(
                        static async () => await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan));
                    mainCancelled = true;
                }
            },
            s_threeLoops with { DriverFactory = static () => new TroubledDriver(GyreDrivers.Create()) });
        Assert.Equal("the driver died", failure.Message);
        Assert.True(mainCancelled);
    }

    [Fact]
    public void A_background_failure_on_another_loop_ends_the_group_with_it()
    {
        var failure = OnLoop.Throws<InvalidTimeZoneException>(
            static async () =>
            {
                EventLoop other = EventLoopGroup.Current.Loops[1];
                other.PostFromAnyThread(() => other.Spawn(static () => throw new InvalidTimeZoneException("background")));
                await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
            },
            s_threeLoops);
        Assert.Equal("background", failure.Message);
    }

    [Fact]
    public void Work_left_on_other_loops_is_cancelled_when_main_ends()
    {
        var cancelled = new ConcurrentBag<string>();
        OnLoop.Run(
            async () =>
            {
                foreach (EventLoop loop in EventLoopGroup.Current.Loops)
                {
                    await loop.InvokeAsync(() =>
                    {
                        EventLoop.Current.Spawn(async () =>
                        {
                            try
                            {
                                await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
                            }
                            finally
                            {
                                cancelled.Add(EventLoop.Current.Name);
                            }
                        });
                        return Task.CompletedTask;
                    });
                }

                await OnLoop.TurnsAsync(2);
            },
            s_threeLoops);
        Assert.Equal(["loop-0", "loop-1", "loop-2"], cancelled.Order());
    }

    [Fact]
    public void Loops_that_listen_together_share_out_the_connections() => OnLoop.Run(
        static async () =>
        {
            Assert.SkipUnless(TcpListener.CanShare, "driver: its loops can't listen on one address together.");
            var shared = new TcpListenerOptions { Shared = true };
            var served = new ConcurrentDictionary<string, int>();
            await using var first = TcpListener.Listen(new IPEndPoint(IPAddress.Loopback, 0), shared);
            IPEndPoint address = first.LocalEndPoint;
            await TaskGroup.RunAsync(async group =>
            {
                group.Spawn(() => ServeAsync(first, served));
                foreach (EventLoop loop in EventLoopGroup.Current.Loops.Skip(1))
                {
                    var listening = new TaskCompletionSource();
                    group.Spawn(() => loop.InvokeAsync(async () =>
                    {
                        await using var listener = TcpListener.Listen(address, shared);
                        listening.SetResult();
                        await ServeAsync(listener, served);
                    }));
                    await listening.Task;
                }

                for (int i = 0; i < 300; i++)
                {
                    await using TcpConnection client = await TcpConnection.ConnectAsync(address);
                    Assert.True((await client.Input.ReadAsync()).Buffer.Length > 0);
                }

                group.Cancel();
            });
            Assert.Equal(300, served.Values.Sum());

            // The kernel hashes; with 300 connections every loop gets some but for a chance of 3 · (2/3)^300.
            Assert.Equal(3, served.Count);
        },
        s_threeLoops);

    [Fact]
    public void A_connection_accepted_here_is_served_on_another_loop() => OnLoop.Run(
        static async () =>
        {
            Assert.SkipUnless(
                EventLoop.Current.Driver.Capabilities.HasFlag(DriverCapabilities.HandOver), "driver: it can't hand over.");
            await using var listener = TcpListener.Listen(new IPEndPoint(IPAddress.Loopback, 0));
            for (int i = 0; i < 30; i++)
            {
                EventLoop other = EventLoopGroup.Current.Loops[1 + (i % 2)];
                ValueTask<DetachedTcpConnection> accepting = listener.AcceptDetachedAsync();
                await using TcpConnection client = await TcpConnection.ConnectAsync(listener.LocalEndPoint);
                DetachedTcpConnection detached = await accepting;
                Task serving = other.InvokeAsync(async () =>
                {
                    await using TcpConnection connection = detached.AttachHere();
                    Assert.Same(other, connection.Loop);
                    ReadResult request = await connection.Input.ReadAsync();
                    await connection.Output.WriteAsync(request.Buffer.First);
                    connection.Input.AdvanceTo(request.Buffer.End);
                });
                await client.Output.WriteAsync("ping"u8.ToArray());
                ReadResult answer = await client.Input.ReadAtLeastAsync(4);
                Assert.Equal("ping"u8, answer.Buffer.FirstSpan);
                await serving;
            }
        },
        s_threeLoops);

    private static async Task ServeAsync(TcpListener listener, ConcurrentDictionary<string, int> served)
    {
        while (true)
        {
            await using TcpConnection connection = await listener.AcceptAsync();
            served.AddOrUpdate(EventLoop.Current.Name, 1, static (_, count) => count + 1);
            await connection.Output.WriteAsync("x"u8.ToArray());
        }
    }
}
