using System.Reflection;
using System.Runtime.CompilerServices;
using Gyre.Scopes;

namespace Gyre.Tests.CooperativeThreads;

/// <summary>Calls that block a cooperative thread for real, of the kind that the runtime tells of: the loop goes on meanwhile.</summary>
public sealed class BlockingCallTests
{
    [Fact]
    public void A_result_of_a_task_that_the_loop_completes() => Meanwhile(static loopDoes =>
    {
        var source = new TaskCompletionSource<int>();
        loopDoes(() => source.SetResult(4));
        Assert.Equal(4, source.Task.Result);
    });

    [Fact]
    public void An_async_call_of_Gyres_blocked_on() => Meanwhile(static loopDoes =>
    {
        var door = new Future("door");
        loopDoes(door.SetResult);
        WaitAsync().GetAwaiter().GetResult();

        async Task WaitAsync()
        {
            await door;
            await Coroutine.YieldAsync();
        }
    });

    [Fact]
    public void A_semaphore_that_a_coroutine_releases() => Meanwhile(static loopDoes =>
    {
        using var semaphore = new SemaphoreSlim(0);
        loopDoes(() => semaphore.Release());
        semaphore.Wait();
    });

    [Fact]
    public void An_event_of_the_system_that_a_coroutine_sets() => Meanwhile(static loopDoes =>
    {
        using var signal = new ManualResetEvent(false);
        loopDoes(() => signal.Set());
        Assert.True(signal.WaitOne());
    });

    [Fact]
    public void A_wait_with_a_time_out_ends_by_it() => Meanwhile(static loopDoes =>
    {
        using var semaphore = new SemaphoreSlim(0);
        Assert.False(semaphore.Wait(20));
        loopDoes(() => semaphore.Release());
        Assert.True(semaphore.Wait(60_000));
        Assert.False(semaphore.Wait(0));
    });

    [Fact]
    public void A_thread_that_ends_after_the_loop_did_something() => Meanwhile(static loopDoes =>
    {
        using var signal = new ManualResetEventSlim();
        var other = new Thread(signal.Wait);
        other.Start();
        loopDoes(signal.Set);
        other.Join();
    });

    [Fact]
    public void A_monitor_that_another_cooperative_thread_holds_across_a_wait() => OnLoop.Run(static async () =>
    {
        object gate = new();
        var order = new List<string>();
        var door = new Future("door");
        await TaskGroup.RunAsync(async group =>
        {
            group.SpawnThread(() =>
            {
                lock (gate)
                {
                    order.Add("first in");
                    door.Wait();
                    order.Add("first out");
                }
            });
            group.SpawnThread(() =>
            {
                order.Add("second asks");
                lock (gate)
                {
                    Assert.True(CooperativeThread.IsCurrent);
                    order.Add("second in");
                }
            });
            await OnLoop.UntilAsync(() => order.Count == 2);
            door.SetResult();
        });
        Assert.Equal(["first in", "second asks", "first out", "second in"], order);
    });

    [Fact]
    public void A_Lock_that_another_cooperative_thread_holds_across_a_wait() => OnLoop.Run(static async () =>
    {
        var gate = new Lock();
        int inside = 0;
        await TaskGroup.RunAsync(group =>
        {
            for (int i = 0; i < 4; i++)
            {
                group.SpawnThread(() =>
                {
                    lock (gate)
                    {
                        Assert.Equal(1, ++inside);
                        CooperativeThread.Sleep(TimeSpan.FromMilliseconds(3));
                        inside--;
                    }
                });
            }

            return Task.CompletedTask;
        });
    });

    [Fact]
    public void A_brief_wait_keeps_the_baton() => OnLoop.Run(static async () =>
    {
        int turns = 0;
        using var cancel = new CancellationTokenSource();
        await TaskGroup.RunAsync(async group =>
        {
            group.Spawn(async () =>
            {
                while (true)
                {
                    turns++;
                    await Coroutine.YieldAsync();
                }
            });
            await CooperativeThread.Run(() =>
            {
                using var signal = new ManualResetEventSlim();
                int before = turns;
                Assert.False(signal.Wait(1));
                Assert.Equal(before, turns);
            });
            group.Cancel();
        });
    });

    [Fact]
    public void A_lock_inside_Gyre_keeps_the_baton_however_long_its_holder_takes() => OnLoop.Run(static () => TaskGroup.RunAsync(static async group =>
    {
        InvalidDataException failure = await FailTwiceAsync();
        var lists = (ConditionalWeakTable<Exception, FurtherFailures.Further>)typeof(FurtherFailures)
            .GetField("s_further", BindingFlags.Static | BindingFlags.NonPublic)!.GetValue(null)!;
        Assert.True(lists.TryGetValue(failure, out FurtherFailures.Further? list));
        int turns = 0;
        group.Spawn(async () =>
        {
            while (true)
            {
                turns++;
                await Coroutine.YieldAsync();
            }
        });
        await CooperativeThread.Run(() =>
        {
            using var held = new ManualResetEventSlim();
            var holder = new Thread(() =>
            {
                lock (list)
                {
                    held.Set();
                    SpinWait.SpinUntil(static () => false, 50);
                }
            });
            holder.Start();
            held.Wait();
            int before = turns;
            Assert.Single(TaskGroup.FurtherFailuresOf(failure));
            Assert.Equal(before, turns);
            holder.Join();
        });
        group.Cancel();

        static Task<InvalidDataException> FailTwiceAsync() => Assert.ThrowsAsync<InvalidDataException>(static () => TaskGroup.RunAsync(static group =>
        {
            group.Spawn(static () => throw new InvalidDataException("first"));
            group.Spawn(static () => throw new IOException("second"));
            return Task.CompletedTask;
        }));
    }));

    [Fact]
    public void The_tree_shows_the_blocked_call() => OnLoop.Run(static async () =>
    {
        using var semaphore = new SemaphoreSlim(0);
        await TaskGroup.RunAsync(async group =>
        {
            Coroutine blocked = group.SpawnThread(semaphore.Wait, "blocked");
            await OnLoop.UntilAsync(() => blocked.Node.DescribeWaits().Contains("a blocking call", StringComparison.Ordinal));
            semaphore.Release();
        });
    });

    [Fact]
    public void A_cancellation_does_not_end_it_and_strikes_at_the_next_wait() => OnLoop.Run(static async () =>
    {
        bool passed = false;
        using var semaphore = new SemaphoreSlim(0);
        CancelScope scope = await CancelScope.RunAsync(async scope =>
        {
            Task run = CooperativeThread.Run(() =>
            {
                semaphore.Wait();
                passed = true;
                CooperativeThread.Yield();
                passed = false;
            });
            scope.Cancel();
            semaphore.Release();
            await run;
        });
        Assert.Equal((true, true), (passed, scope.CancelledCaught));
    });

    [Fact]
    public void Fifty_threads_hand_a_semaphore_of_the_BCL_round() => OnLoop.Run(static async () =>
    {
        using var semaphore = new SemaphoreSlim(1);
        int inside = 0;
        int rounds = 0;
        await TaskGroup.RunAsync(group =>
        {
            for (int i = 0; i < 50; i++)
            {
                group.SpawnThread(() =>
                {
                    semaphore.Wait();
                    Assert.Equal(1, ++inside);
                    CooperativeThread.Yield();
                    inside--;
                    rounds++;
                    semaphore.Release();
                });
            }

            return Task.CompletedTask;
        });
        Assert.Equal(50, rounds);
    });

    /// <summary>Runs a body whose blocking call ends only when a coroutine of the loop has done something.</summary>
    private static void Meanwhile(Action<Action<Action>> body) => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        int turns = 0;
        group.Spawn(async () =>
        {
            while (true)
            {
                turns++;
                await Coroutine.YieldAsync();
            }
        });
        await CooperativeThread.Run(() =>
        {
            body(action => group.Spawn(async () =>
            {
                // Later than a wait keeps the baton.
                await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(5));
                action();
            }));
            Assert.True(CooperativeThread.IsCurrent);
            int before = turns;
            Thread.SpinWait(20_000);
            Assert.Equal(before, turns);
            Assert.True(turns > 2, $"The loop made {turns} turns.");
            CooperativeThread.Yield();
        });
        group.Cancel();
    }));
}
