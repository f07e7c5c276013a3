using Gyre.Diagnostics;
using Gyre.Sync;

namespace Gyre.Tests.Offloading;

/// <summary>Work on the pool: what comes back, how much at a time, what it sees of its caller.</summary>
public sealed class OffloadTests
{
    private static readonly AsyncLocal<string?> s_local = new();

    [Fact]
    public void Results_and_failures_come_back_and_the_work_is_on_the_pool() => OnLoop.Run(static async () =>
    {
        EventLoop loop = EventLoop.Current;
        bool onPool = false;
        Assert.Equal(5, await Offload.RunAsync(() =>
        {
            onPool = Thread.CurrentThread.IsThreadPoolThread && EventLoop.CurrentOrNull is null;
            return 5;
        }));
        Assert.True(onPool);
        Assert.Same(loop, EventLoop.Current);
        InvalidDataException thrown = await Assert.ThrowsAsync<InvalidDataException>(static () => Offload.RunAsync(Parse));
        Assert.Contains(nameof(Parse), thrown.StackTrace, StringComparison.Ordinal);
        Assert.Equal(0, Offload.DefaultLimiter.BorrowedTokens);

        static void Parse() => throw new InvalidDataException();
    });

    [Fact]
    public void The_loop_goes_on_while_the_work_runs() => OnLoop.Run(static async () =>
    {
        using var go = new ManualResetEventSlim();
        Task<int> work = Offload.RunAsync(() =>
        {
            go.Wait();
            return 1;
        });
        await OnLoop.TurnsAsync(5);
        Assert.False(work.IsCompleted);
        go.Set();
        Assert.Equal(1, await work);
    });

    [Fact]
    public void Execution_context_flows_into_the_work_and_from_there_into_its_calls_and_not_out() => OnLoop.Run(static async () =>
    {
        s_local.Value = "caller";
        string? inWork = null;
        string? inCall = null;
        await Offload.RunAsync(work =>
        {
            inWork = s_local.Value;
            s_local.Value = "work";
            work.Invoke(() => inCall = s_local.Value);
        });
        Assert.Equal(("caller", "work", "caller"), (inWork, inCall, s_local.Value));
    });

    [Fact]
    public void The_default_limiter_lets_forty_in_and_can_be_changed() => OnLoop.Run(static async () =>
    {
        Assert.Equal(40, Offload.DefaultLimiter.TotalTokens);
        Assert.Same(Offload.DefaultLimiter, Offload.DefaultLimiter);
        Offload.DefaultLimiter.TotalTokens = 2;
        Assert.Equal(2, await MostAtOnceAsync(null, 8, expected: 2));
    });

    [Fact]
    public void A_limiter_of_ones_own_leaves_the_default_one_alone() => OnLoop.Run(static async () =>
    {
        var limiter = new CapacityLimiter(3);
        Assert.Equal(3, await MostAtOnceAsync(new OffloadOptions { Limiter = limiter }, 10, expected: 3));
        Assert.Equal((0, 0), (limiter.BorrowedTokens, Offload.DefaultLimiter.BorrowedTokens));
    });

    [Fact]
    public void The_work_itself_is_the_borrower_so_that_one_coroutine_offloads_twice() => OnLoop.Run(static async () =>
    {
        var limiter = new CapacityLimiter(2);
        using var go = new ManualResetEventSlim();
        Task[] both = [.. new[] { "a", "b" }.Select(name => Offload.RunAsync(go.Wait, new OffloadOptions { Limiter = limiter, Name = name }))];
        Assert.Equal(["a", "b"], limiter.Statistics.Borrowers.Select(static borrower => borrower.ToString()).Order());
        go.Set();
        await Task.WhenAll(both);
        Assert.Empty(limiter.Statistics.Borrowers);
    });

    [Fact]
    public void The_tree_names_the_work() => OnLoop.Run(static () => TaskGroup.RunAsync(static async group =>
    {
        // Not disposed: the work may still be about to wait for it when the body ends.
        var go = new ManualResetEventSlim();
        group.Spawn(() => Offload.RunAsync(go.Wait, new OffloadOptions { Name = "a thumbnail" }), "painter");
        await OnLoop.TurnsAsync(2);
        WaitSnapshot wait = Assert.Single(EventLoop.Current.Snapshot().All().Single(static one => one.Name == "painter").Waits);
        Assert.Equal((WaitKind.Offload, "a thumbnail"), (wait.Kind, wait.Subject));
        go.Set();
    }));

    [Fact]
    public void A_cooperative_thread_offloads_and_waits() => OnLoop.Run(static async () =>
        Assert.Equal(9, await CooperativeThread.Run(static () => CooperativeThread.Await(Offload.RunAsync(static () => 9)))));

    [Fact]
    public void Whoever_awaits_without_a_context_stays_on_the_loop() => OnLoop.Run(static async () =>
    {
        int thread = Environment.CurrentManagedThreadId;
        await Offload.RunAsync(static () => { }).ConfigureAwait(false);
        Assert.Equal(thread, Environment.CurrentManagedThreadId);
    });

    [Fact]
    public async Task Without_a_loop_it_is_refused()
    {
        Assert.Throws<ArgumentNullException>(static () => { _ = Offload.RunAsync((Action)null!); });
        Assert.Throws<InvalidOperationException>(static () => Offload.DefaultLimiter);
        await Assert.ThrowsAsync<InvalidOperationException>(static () => Offload.RunAsync(static () => { }));
    }

    private static async Task<int> MostAtOnceAsync(OffloadOptions? options, int count, int expected)
    {
        int running = 0;
        int most = 0;
        var gate = new Lock();
        await TaskGroup.RunAsync(group =>
        {
            for (int i = 0; i < count; i++)
            {
                group.Spawn(() => Offload.RunAsync(
                    work =>
                    {
                        lock (gate)
                        {
                            most = Math.Max(most, ++running);
                        }

                        // Lasts until all that may run at once have, and for a while longer, so that one too many shows.
                        work.Invoke(async () =>
                        {
                            await OnLoop.UntilAsync(() => Volatile.Read(ref most) >= expected);
                            await OnLoop.TurnsAsync(20);
                        });
                        lock (gate)
                        {
                            running--;
                        }
                    },
                    options));
            }

            return Task.CompletedTask;
        });
        return most;
    }
}
