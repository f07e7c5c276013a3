using System.Threading.Channels;
using Gyre.Channels;

namespace Gyre.Tests;

public sealed class AsyncQueueTests
{
    [Theory]
    [InlineData(QueueOrder.Fifo, new[] { 3, 1, 2, 1 })]
    [InlineData(QueueOrder.Lifo, new[] { 1, 2, 1, 3 })]
    [InlineData(QueueOrder.Priority, new[] { 1, 1, 2, 3 })]
    public void Items_come_out_in_its_order(QueueOrder order, int[] expected) => OnLoop.Run(async () =>
    {
        var queue = new AsyncQueue<int>(order: order);
        foreach (int item in new[] { 3, 1, 2, 1 })
        {
            await queue.PutAsync(item);
        }

        queue.Shutdown();
        var got = new List<int>();
        await foreach (int item in queue)
        {
            got.Add(item);
        }

        Assert.Equal(expected, got);
    });

    [Fact]
    public void Equal_priorities_come_out_in_the_order_in_which_they_came() => OnLoop.Run(async () =>
    {
        var queue = new AsyncQueue<(int Priority, string Name)>(
            order: QueueOrder.Priority, comparer: Comparer<(int Priority, string Name)>.Create(static (x, y) => x.Priority.CompareTo(y.Priority)));
        for (int i = 0; i < 60; i++)
        {
            await queue.PutAsync((i % 3, $"{i:00}"));
        }

        var got = new List<(int Priority, string Name)>();
        while (queue.TryGet(out (int Priority, string Name) item))
        {
            got.Add(item);
        }

        Assert.Equal(got.OrderBy(static each => each.Priority).ThenBy(static each => each.Name, StringComparer.Ordinal), got);
    });

    /// <summary>The payload is compared when priorities tie, which throws; the item had been counted already, so that a join waited for ever.</summary>
    [Fact]
    public void An_item_that_can_not_be_compared_is_refused_and_nothing_is_lost_or_counted() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        var queue = new AsyncQueue<(int, object)>(2, QueueOrder.Priority);
        await queue.PutAsync((1, new object()));
        await Assert.ThrowsAnyAsync<Exception>(async () => await queue.PutAsync((1, new object())));
        Assert.Equal((1, 1), (queue.Count, queue.Unfinished));
        await queue.PutAsync((3, new object()));
        Coroutine<Exception> refused = group.Spawn(async () => await Assert.ThrowsAnyAsync<Exception>(async () => await queue.PutAsync((3, new object()))));
        Coroutine taken = group.Spawn(async () => await queue.PutAsync((2, new object())));
        await Coroutine.YieldAsync();
        Assert.Equal(1, (await queue.GetAsync()).Item1);
        await taken;
        Assert.True(refused.IsDone);
        Assert.Equal(2, (await queue.GetAsync()).Item1);
        Assert.Equal(3, (await queue.GetAsync()).Item1);
        for (int i = 0; i < 3; i++)
        {
            queue.TaskDone();
        }

        await queue.JoinAsync();
    }));

    [Fact]
    public void Join_waits_until_each_item_is_reported_done() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        var queue = new AsyncQueue<int>(name: "work");
        await queue.JoinAsync();
        await queue.PutAsync(1);
        await queue.PutAsync(2);
        Coroutine join = group.Spawn(async () => await queue.JoinAsync());
        await queue.GetAsync();
        await queue.GetAsync();
        await OnLoop.TurnsAsync(2);
        Assert.Equal("Sync on work", join.Node.DescribeWaits());
        Assert.Equal(new QueueStatistics(0, int.MaxValue, 2, 0, 0, 1, false), queue.Statistics);
        queue.TaskDone();
        await queue.PutAsync(3);
        queue.TaskDone();
        await OnLoop.TurnsAsync(2);
        Assert.False(join.IsDone);
        queue.TaskDone();
        await join;
        Assert.Contains("work", Assert.Throws<InvalidOperationException>(queue.TaskDone).Message, StringComparison.Ordinal);
    }));

    [Fact]
    public void An_item_handed_to_a_waiting_getter_counts_and_can_not_be_stolen() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        var queue = new AsyncQueue<int>();
        Coroutine<int> getter = group.Spawn(async () => await queue.GetAsync());
        await Coroutine.YieldAsync();
        Assert.True(queue.TryPut(1));
        Assert.False(queue.TryGet(out _));
        Assert.Equal(1, queue.Unfinished);
        Assert.Equal(1, await getter);
    }));

    [Fact]
    public void A_cancelled_getter_loses_no_item_in_either_order() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        var queue = new AsyncQueue<int>();
        var got = new List<int>();
        Coroutine cancelledFirst = group.Spawn(async () => got.Add(await queue.GetAsync()));
        await Coroutine.YieldAsync();
        cancelledFirst.Cancel();
        queue.TryPut(1);
        await Coroutine.YieldAsync();
        Assert.Equal(1, queue.Count);
        Assert.True(queue.TryGet(out _));
        Coroutine givenFirst = group.Spawn(async () => got.Add(await queue.GetAsync()));
        await Coroutine.YieldAsync();
        queue.TryPut(2);
        givenFirst.Cancel();
        await Coroutine.YieldAsync();
        Assert.Equal([2], got);
    }));

    [Fact]
    public void A_cancelled_putter_puts_nothing_and_one_that_was_taken_puts_once() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        var queue = new AsyncQueue<int>(1);
        await queue.PutAsync(0);
        Coroutine first = group.Spawn(async () => await queue.PutAsync(1));
        Coroutine second = group.Spawn(async () => await queue.PutAsync(2));
        await Coroutine.YieldAsync();
        first.Cancel();
        Assert.Equal(0, await queue.GetAsync());
        second.Cancel();
        Assert.Equal(2, queue.Unfinished);
        Assert.Equal(2, await queue.GetAsync());
        Assert.Equal(0, queue.Count);
    }));

    [Theory]
    [InlineData(QueueOrder.Fifo)]
    [InlineData(QueueOrder.Lifo)]
    [InlineData(QueueOrder.Priority)]
    public void Shut_down_it_refuses_putters_and_lets_the_rest_be_got(QueueOrder order) => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        var queue = new AsyncQueue<int>(1, order);
        await queue.PutAsync(1);
        Coroutine<ChannelClosedException> putter = group.Spawn(async () =>
            await Assert.ThrowsAsync<ChannelClosedException>(async () => await queue.PutAsync(2)));
        Coroutine join = group.Spawn(async () => await queue.JoinAsync());
        await Coroutine.YieldAsync();
        queue.Shutdown();
        queue.Shutdown();
        await putter;
        Assert.True(queue.IsShutDown);
        Assert.False(queue.TryPut(3));
        await Assert.ThrowsAsync<ChannelClosedException>(async () => await queue.PutAsync(3));
        Assert.Equal(1, await queue.GetAsync());
        await Assert.ThrowsAsync<ChannelClosedException>(async () => await queue.GetAsync());
        Assert.False(queue.TryGet(out _));
        Assert.False(join.IsDone);
        queue.TaskDone();
        await join;
        Assert.Throws<InvalidOperationException>(queue.TaskDone);
    }));

    [Fact]
    public void Shut_down_at_once_it_counts_what_it_drops_as_done_but_not_what_was_got() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        var queue = new AsyncQueue<int>(3);
        for (int i = 0; i < 3; i++)
        {
            await queue.PutAsync(i);
        }

        await queue.GetAsync();
        Coroutine join = group.Spawn(async () => await queue.JoinAsync());
        await Coroutine.YieldAsync();
        queue.Shutdown();
        queue.Shutdown(immediate: true);
        queue.Shutdown(immediate: true);
        Assert.Equal((0, 1), (queue.Count, queue.Unfinished));
        await OnLoop.TurnsAsync(2);
        Assert.False(join.IsDone);
        queue.TaskDone();
        await join;
    }));

    [Fact]
    public void Shut_down_while_getters_wait_they_end() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        var queue = new AsyncQueue<int>();
        Coroutine<ChannelClosedException> getter = group.Spawn(async () =>
            await Assert.ThrowsAsync<ChannelClosedException>(async () => await queue.GetAsync()));
        Coroutine all = group.Spawn(async () =>
        {
            await foreach (int item in queue)
            {
                Assert.Fail($"It is empty, but gave {item}.");
            }
        });
        await Coroutine.YieldAsync();
        queue.Shutdown(immediate: true);
        await getter;
        await all;
        await queue.JoinAsync();
    }));
}
