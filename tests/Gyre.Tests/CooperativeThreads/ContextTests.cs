using Gyre.Diagnostics;
using Gyre.Sync;

namespace Gyre.Tests.CooperativeThreads;

/// <summary>What a cooperative thread takes from its caller: execution context, coroutine, scope, its place in the tree.</summary>
public sealed class ContextTests
{
    private static readonly AsyncLocal<string?> s_local = new();

    [Fact]
    public void Execution_context_flows_in_and_not_out() => OnLoop.Run(static async () =>
    {
        s_local.Value = "caller";
        string? before = null;
        string? after = null;
        await CooperativeThread.Run(() =>
        {
            before = s_local.Value;
            s_local.Value = "body";
            CooperativeThread.Yield();
            after = s_local.Value;
        });
        Assert.Equal(("caller", "body", "caller"), (before, after, s_local.Value));
    });

    [Fact]
    public void Each_of_many_keeps_its_own_execution_context_across_waits() => OnLoop.Run(static () => TaskGroup.RunAsync(static group =>
    {
        for (int i = 0; i < 50; i++)
        {
            string mine = $"{i}";
            group.SpawnThread(() =>
            {
                s_local.Value = mine;
                for (int round = 0; round < 10; round++)
                {
                    CooperativeThread.Yield();
                    Assert.Equal(mine, s_local.Value);
                }
            });
        }

        return Task.CompletedTask;
    }));

    [Fact]
    public void With_its_flow_suppressed_no_value_of_an_earlier_user_of_the_thread_is_seen() => OnLoop.Run(static async () =>
    {
        int first = 0;
        s_local.Value = "first";
        await CooperativeThread.Run(() => first = Environment.CurrentManagedThreadId);
        string? seen = "nothing";
        int second = 0;
        await Suppressed(() =>
        {
            seen = s_local.Value;
            second = Environment.CurrentManagedThreadId;
            s_local.Value = "second";
            CooperativeThread.Yield();
        });
        Assert.Equal(first, second);
        Assert.Null(seen);
        await Suppressed(() => seen = s_local.Value);
        Assert.Null(seen);

        static Task Suppressed(Action body)
        {
            using (ExecutionContext.SuppressFlow())
            {
                return CooperativeThread.Run(body);
            }
        }
    });

    [Fact]
    public void The_body_runs_in_the_coroutine_and_scope_of_its_caller() => OnLoop.Run(static async () =>
    {
        CoroutineNode? caller = Coroutine.Current;
        CancelScope outer = await CancelScope.MoveOnAfterAsync(TimeSpan.FromHours(1), async _ =>
        {
            TimeSpan? deadline = CancelScope.CurrentEffectiveDeadline;
            await CooperativeThread.Run(() =>
            {
                Assert.Same(caller, Coroutine.Current);
                Assert.Equal(deadline, CancelScope.CurrentEffectiveDeadline);
                CooperativeThread.Yield();
                Assert.Same(caller, Coroutine.Current);
                Assert.Equal(deadline, CancelScope.CurrentEffectiveDeadline);
            });
        });
        Assert.False(outer.CancelledCaught);
        Assert.Null(CancelScope.CurrentEffectiveDeadline);
    });

    [Fact]
    public void The_caller_keeps_its_scope_while_the_thread_is_in_one_of_its_own() => OnLoop.Run(static async () =>
    {
        CoroutineNode? caller = Coroutine.Current;
        Task run = CooperativeThread.Run(static () => CancelScope.MoveOnAfter(TimeSpan.FromHours(1), static _ => CooperativeThread.Yield()));
        Assert.Null(CancelScope.CurrentEffectiveDeadline);
        Assert.Same(caller, Coroutine.Current);
        await run;
        Assert.Null(CancelScope.CurrentEffectiveDeadline);
    });

    [Fact]
    public void The_tree_says_what_each_thread_waits_for() => OnLoop.Run(static () => TaskGroup.RunAsync(static async group =>
    {
        var answer = new Future<int>("the answer");
        var gate = new AsyncSemaphore(0, name: "the gate");
        group.SpawnThread(() => answer.Wait(), "asker");
        group.SpawnThread(() => CooperativeThread.Await(gate.AcquireAsync()), "porter");
        group.SpawnThread(static () => CooperativeThread.Sleep(TimeSpan.FromHours(1)), "sleeper");
        await OnLoop.TurnsAsync(3);
        ScopeSnapshot[] all = [.. EventLoop.Current.Snapshot().All()];
        Assert.Contains("the answer", Assert.Single(all.Single(static one => one.Name == "asker").Waits).Subject, StringComparison.Ordinal);
        Assert.Contains("the gate", Assert.Single(all.Single(static one => one.Name == "porter").Waits).Subject, StringComparison.Ordinal);
        Assert.Equal(WaitKind.Timer, Assert.Single(all.Single(static one => one.Name == "sleeper").Waits).Kind);
        group.Cancel();
    }));

    [Fact]
    public void A_snapshot_taken_in_a_thread_says_that_its_coroutine_runs() => OnLoop.Run(static () => TaskGroup.RunAsync(static group =>
    {
        group.SpawnThread(
            static () =>
            {
                CooperativeThread.Yield();
                Assert.Equal("runs", EventLoop.Current.Snapshot().All().Single(static one => one.Name == "looker").Activity);
            },
            "looker");
        return Task.CompletedTask;
    }));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_wait_without_a_synchronization_context_comes_home_all_the_same(bool foreign) => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        group.Spawn(static async () =>
        {
            while (true)
            {
                await Coroutine.YieldAsync();
            }
        });

        // As libraries do that block on their own tasks.
        await CooperativeThread.Run(() =>
        {
            SynchronizationContext.SetSynchronizationContext(null);
            if (foreign)
            {
                CooperativeThread.Await(Task.Run(static () => Thread.SpinWait(1_000_000)));
            }
            else
            {
                CooperativeThread.Yield();
            }

            Assert.True(CooperativeThread.IsCurrent);
            long turns = EventLoop.Current.TurnsVolatile;
            Thread.SpinWait(1_000_000);
            Assert.Equal(turns, EventLoop.Current.TurnsVolatile);
        });
        group.Cancel();
    }));

    [Fact]
    public void A_thread_is_never_resumed_inside_whoever_completes_what_it_waits_for() => OnLoop.Run(static async () =>
    {
        var order = new List<string>();
        var source = new TaskCompletionSource();
        Task run = CooperativeThread.Run(() =>
        {
            CooperativeThread.Await(source.Task);
            order.Add("resumed");
        });
        source.SetResult();
        order.Add("set");
        await run;
        Assert.Equal(["set", "resumed"], order);
    });

    [Fact]
    public void An_idle_thread_keeps_nothing_of_what_it_ran() => OnLoop.Run(static async () =>
    {
        WeakReference held = await RunAsync();
        await OnLoop.UntilAsync(() =>
        {
            GC.Collect();
            return !held.IsAlive;
        });
        Assert.Equal(1, EventLoop.Current.Batons.Count);

        static async Task<WeakReference> RunAsync()
        {
            WeakReference? made = null;
            await CancelScope.RunAsync(async _ =>
            {
                object captured = new();
                made = new WeakReference(captured);
                await CooperativeThread.Run(() =>
                {
                    CooperativeThread.Yield();
                    s_local.Value = "";
                    GC.KeepAlive(captured);
                });
            });
            return made!;
        }
    });
}
