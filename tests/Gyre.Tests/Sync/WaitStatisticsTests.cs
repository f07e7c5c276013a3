using Gyre.Channels;
using Gyre.Diagnostics;
using Gyre.Sync;

namespace Gyre.Tests;

/// <summary>How the primitives of synchronisation look from outside: in their statistics and in the tree.</summary>
public sealed class WaitStatisticsTests
{
    [Fact]
    public void Each_tells_how_it_stands_and_who_waits_in_order() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        var happened = new AsyncEvent(name: "the start");
        var permits = new AsyncSemaphore(0, name: "the seats");
        var meeting = new AsyncBarrier(3, "the meeting");
        var made = new AsyncOnce<int>(static async () =>
        {
            await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
            return 1;
        });
        foreach (string name in new[] { "first", "second" })
        {
            group.Spawn(() => happened.WaitAsync().AsTask(), name);
            group.Spawn(() => permits.AcquireAsync().AsTask(), name);
            group.Spawn(() => meeting.ArriveAndWaitAsync().AsTask(), name);
            group.Spawn(() => made.GetAsync().AsTask(), name);
        }

        await OnLoop.TurnsAsync(2);
        AssertTells("the start, not set", ["first", "second"], happened.Statistics);
        AssertTells("the seats, 0 free", ["first", "second"], permits.Statistics);
        AssertTells("the meeting, 2 of 3 waiting", ["first", "second"], meeting.Statistics);
        AssertTells("a value made once, being made", ["second"], made.Statistics);
        group.Cancel();
    }));

    [Fact]
    public void A_condition_tells_who_waits_for_a_notification() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        var gate = new AsyncLock("the gate");
        var changed = new AsyncCondition(gate);
        group.Spawn(
            async () =>
            {
                using LockHolder holder = await gate.AcquireAsync();
                await changed.WaitAsync(holder);
            },
            "reader");
        await OnLoop.TurnsAsync(2);
        AssertTells("a condition of the gate", ["reader"], changed.Statistics);
        group.Cancel();
    }));

    [Fact]
    public void The_tree_names_the_owner_of_a_lock_and_the_channel_that_is_waited_for() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        var gate = new AsyncLock("the gate");
        LoopChannel<int> jobs = LoopChannel.CreateRendezvous<int>("jobs");
        group.Spawn(
            async () =>
            {
                using LockHolder holder = await gate.AcquireAsync();
                await jobs.Reader.ReadAsync();
            },
            "writer");
        group.Spawn(
            async () =>
            {
                using LockHolder holder = await gate.AcquireAsync();
            },
            "reader");
        await OnLoop.TurnsAsync(2);
        WaitSnapshot forLock = Assert.Single(WaitsOf("reader"));
        Assert.Equal(WaitKind.Sync, forLock.Kind);
        Assert.StartsWith("the gate, held by writer (spawned at ", $"{forLock.Subject}", StringComparison.Ordinal);
        WaitSnapshot forItem = Assert.Single(WaitsOf("writer"));
        Assert.Equal((WaitKind.ChannelRead, "jobs"), (forItem.Kind, forItem.Subject));
        group.Cancel();
    }));

    private static IReadOnlyList<WaitSnapshot> WaitsOf(string coroutine) =>
        EventLoop.Current.Snapshot().All().Single(one => one.Name == coroutine).Waits;

    private static void AssertTells(string state, string[] waiters, WaitStatistics statistics)
    {
        Assert.Equal(state, statistics.State);
        Assert.Equal(waiters, statistics.Waiters.Select(static waiter => waiter.Name));
    }
}
