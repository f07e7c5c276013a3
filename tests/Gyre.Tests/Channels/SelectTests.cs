using System.Threading.Channels;
using Gyre.Channels;

namespace Gyre.Tests;

public sealed class SelectTests
{
    [Theory]
    [InlineData(SelectOrder.Random)]
    [InlineData(SelectOrder.Biased)]
    public void Of_several_ready_cases_one_is_taken_and_the_others_lose_nothing(SelectOrder order) => OnLoop.Run(async () =>
    {
        const int rounds = 4000;
        LoopChannel<int>[] channels = [.. Enumerable.Range(0, 4).Select(static _ => LoopChannel.CreateUnbounded<int>())];
        var select = new Select(order);
        SelectReceive<int>[] cases = [.. channels.Select(channel => select.Receive(channel.Reader))];
        int[] taken = new int[4];
        for (int i = 0; i < rounds; i++)
        {
            foreach (LoopChannel<int> channel in channels.Where(static each => each.Reader.Count == 0))
            {
                channel.Writer.TryWrite(i);
            }

            taken[Array.IndexOf(cases, await select.WaitAsync())]++;
            Assert.Equal(3, channels.Sum(static channel => channel.Reader.Count));
        }

        if (order == SelectOrder.Biased)
        {
            Assert.Equal([rounds, 0, 0, 0], taken);
        }
        else
        {
            // Each has a fourth; ten standard deviations are 274.
            Assert.All(taken, static count => Assert.InRange(count, 1000 - 274, 1000 + 274));
        }
    });

    [Fact]
    public void A_queue_is_received_from_like_a_channel() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        var queue = new AsyncQueue<int>(order: QueueOrder.Lifo);
        var select = new Select();
        SelectReceive<int> received = select.Receive(queue);
        group.Spawn(async () =>
        {
            await OnLoop.TurnsAsync(2);
            Assert.Equal(1, queue.Statistics.GettersWaiting);
            Assert.True(queue.TryPut(1) && queue.TryPut(2) && queue.TryPut(3));
        });
        Assert.Same(received, await select.WaitAsync());
        Assert.Equal(1, received.Item);
        await select.WaitAsync();
        Assert.Equal(3, received.Item);
        queue.Shutdown(immediate: true);
        await select.WaitAsync();
        Assert.True(received.IsClosed);
    }));

    [Fact]
    public void With_a_default_it_takes_what_is_ready_or_nothing() => OnLoop.Run(() =>
    {
        LoopChannel<int> channel = LoopChannel.CreateBounded<int>(1);
        var select = new Select(SelectOrder.Biased);
        SelectReceive<int> received = select.Receive(channel.Reader);
        Assert.Null(select.TryTake());
        SelectSend<int> sent = select.Send(channel.Writer, 5);
        Assert.Same(sent, select.TryTake());
        Assert.Same(received, select.TryTake());
        Assert.Equal(5, received.Item);
        sent.IsEnabled = false;
        Assert.Null(select.TryTake());
        Assert.Equal(0, channel.Statistics.ReadersWaiting + channel.Statistics.WritersWaiting);
        return Task.CompletedTask;
    });

    [Fact]
    public void Sending_to_and_receiving_from_one_rendezvous_it_does_not_trade_with_itself() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        LoopChannel<int> channel = LoopChannel.CreateRendezvous<int>();
        var select = new Select();
        SelectSend<int> sent = select.Send(channel.Writer, 5);
        SelectReceive<int> received = select.Receive(channel.Reader);
        Assert.Null(select.TryTake());
        for (int i = 0; i < 2; i++)
        {
            Coroutine<SelectCase> waiter = group.Spawn(async () => await select.WaitAsync());
            await OnLoop.TurnsAsync(3);
            Assert.False(waiter.IsDone);
            Assert.Equal((1, 1), (channel.Statistics.ReadersWaiting, channel.Statistics.WritersWaiting));
            if (i == 0)
            {
                Assert.Equal(5, await channel.Reader.ReadAsync());
                Assert.Same(sent, await waiter);
            }
            else
            {
                await channel.Writer.WriteAsync(6);
                Assert.Same(received, await waiter);
                Assert.Equal(6, received.Item);
            }

            Assert.Equal((0, 0), (channel.Statistics.ReadersWaiting, channel.Statistics.WritersWaiting));
        }
    }));

    [Fact]
    public void Two_selects_that_both_send_and_receive_trade_exactly_once() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        LoopChannel<int> channel = LoopChannel.CreateRendezvous<int>();
        for (int round = 0; round < 100; round++)
        {
            Coroutine<(bool Sent, int Item)>[] both = [.. Enumerable.Range(0, 2).Select(number => group.Spawn(async () =>
            {
                var select = new Select();
                SelectSend<int> sent = select.Send(channel.Writer, number);
                SelectReceive<int> received = select.Receive(channel.Reader);
                return await select.WaitAsync() == sent ? (true, number) : (false, received.Item);
            }))];
            (bool Sent, int Item)[] ends = await Future.All(both);
            Assert.NotEqual(ends[0].Sent, ends[1].Sent);
            Assert.Equal(ends[0].Item, ends[1].Item);
            Assert.Equal((0, 0), (channel.Statistics.ReadersWaiting, channel.Statistics.WritersWaiting));
        }
    }));

    [Fact]
    public void The_same_channel_may_be_in_two_cases() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        LoopChannel<int> channel = LoopChannel.CreateRendezvous<int>();
        var select = new Select();
        SelectReceive<int>[] cases = [select.Receive(channel.Reader), select.Receive(channel.Reader)];
        Coroutine<SelectCase> waiter = group.Spawn(async () => await select.WaitAsync());
        await Coroutine.YieldAsync();
        Assert.Equal(2, channel.Statistics.ReadersWaiting);
        Assert.True(channel.Writer.TryWrite(1));
        Assert.False(channel.Writer.TryWrite(2));
        Assert.Contains((SelectReceive<int>)await waiter, cases);
        Assert.Equal(0, channel.Statistics.ReadersWaiting);
    }));

    [Fact]
    public void A_closed_channel_is_ready_to_receive_and_an_error_to_send_to() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        LoopChannel<int> closes = LoopChannel.CreateRendezvous<int>("gone");
        LoopChannel<int> full = LoopChannel.CreateBounded<int>(0);
        LoopChannel<int> other = LoopChannel.CreateRendezvous<int>();
        var receiving = new Select();
        SelectReceive<int> received = receiving.Receive(closes.Reader);
        receiving.Receive(other.Reader);
        var sending = new Select();
        sending.Send(full.Writer, 1);
        sending.Receive(other.Reader);
        Coroutine<SelectCase> receiver = group.Spawn(async () => await receiving.WaitAsync());
        Coroutine<ChannelClosedException> sender = group.Spawn(async () =>
            await Assert.ThrowsAsync<ChannelClosedException>(async () => await sending.WaitAsync()));
        await Coroutine.YieldAsync();
        closes.Writer.Complete();
        full.Writer.Complete();
        Assert.Same(received, await receiver);
        await sender;
        Assert.True(received.IsClosed);
        Assert.Contains("gone", Assert.Throws<ChannelClosedException>(() => received.Item).Message, StringComparison.Ordinal);
        Assert.Same(received, await receiving.WaitAsync());
        await Assert.ThrowsAsync<ChannelClosedException>(async () => await sending.WaitAsync());
        Assert.Equal(0, other.Statistics.ReadersWaiting);
    }));

    [Fact]
    public void A_settled_future_is_ready_however_it_settled_and_two_cases_may_have_one() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        var future = new Future<int>();
        var select = new Select(SelectOrder.Biased);
        SelectSettled first = select.Settled(future);
        select.Settled(future);
        Coroutine<SelectCase> waiter = group.Spawn(async () => await select.WaitAsync());
        await Coroutine.YieldAsync();
        future.SetException(new InvalidTimeZoneException());
        Assert.Same(first, await waiter);
        await Assert.ThrowsAsync<InvalidTimeZoneException>(async () => await future);
        Assert.Same(first, await select.WaitAsync());
    }));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_failed_future_that_was_only_selected_is_the_failure_of_its_scope(bool before) => OnLoop.Run(async () =>
    {
        bool selected = false;
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => CancelScope.RunAsync(async _ =>
        {
            var future = new Future<int>();
            var select = new Select();
            select.Settled(future);
            if (before)
            {
                future.SetException(new InvalidTimeZoneException());
            }
            else
            {
                EventLoop.Current.Post(() => future.SetException(new InvalidTimeZoneException()));
            }

            await select.WaitAsync();
            selected = true;
        }));
        Assert.True(selected);
    });

    [Fact]
    public void Cancelled_it_leaves_nothing_behind_and_takes_nothing() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        LoopChannel<int> reads = LoopChannel.CreateRendezvous<int>();
        LoopChannel<int> writes = LoopChannel.CreateRendezvous<int>();
        var future = new Future<int>();
        var select = new Select();
        select.Receive(reads.Reader);
        select.Send(writes.Writer, 1);
        select.After(TimeSpan.FromHours(1));
        select.Settled(future);
        for (int i = 0; i < 2; i++)
        {
            using var token = new CancellationTokenSource();
            Coroutine<SelectCase> waiter = group.Spawn(async () => await select.WaitAsync(token.Token));
            await Coroutine.YieldAsync();
            Assert.Equal((1, 1, 1), (reads.Statistics.ReadersWaiting, writes.Statistics.WritersWaiting, EventLoop.Current.Statistics.TimersPending));
            Assert.StartsWith(
                "Select on the first of: receive from a rendezvous, send to a rendezvous, after 01:00:00",
                waiter.Node.DescribeWaits(),
                StringComparison.Ordinal);
            waiter.Cancel();
            Assert.False(reads.Writer.TryWrite(1));
            Assert.False(writes.Reader.TryRead(out _));
            Assert.Equal((0, 0, 0), (reads.Statistics.ReadersWaiting, writes.Statistics.WritersWaiting, EventLoop.Current.Statistics.TimersPending));
            await OnLoop.TurnsAsync(2);
        }
    }));

    [Fact]
    public void Fired_and_then_cancelled_in_one_turn_the_case_counts() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        LoopChannel<int> channel = LoopChannel.CreateRendezvous<int>();
        var select = new Select();
        SelectReceive<int> received = select.Receive(channel.Reader);
        int item = 0;
        Coroutine<int> waiter = group.Spawn(async () => item = await select.WaitAsync() == received ? received.Item : -1);
        await Coroutine.YieldAsync();
        Assert.True(channel.Writer.TryWrite(7));
        waiter.Cancel();
        await Coroutine.YieldAsync();
        Assert.Equal(7, item);
    }));

    [Fact]
    public void Misuse_is_refused() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        LoopChannel<int> channel = LoopChannel.CreateRendezvous<int>();
        var select = new Select();
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await select.WaitAsync());
        SelectReceive<int> received = select.Receive(channel.Reader);
        received.IsEnabled = false;
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await select.WaitAsync());
        received.IsEnabled = true;
        Assert.Throws<ArgumentException>(() => select.Receive(Channel.CreateUnbounded<int>().Reader));
        Assert.Throws<ArgumentException>(() => select.Send(new CrossLoopChannel<int>().Writer, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => select.After(TimeSpan.FromSeconds(-5)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Select((SelectOrder)7));
        Coroutine<SelectCase> waiter = group.Spawn(async () => await select.WaitAsync());
        await Coroutine.YieldAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await select.WaitAsync());
        Assert.Throws<InvalidOperationException>(() => select.After(TimeSpan.Zero));
        Assert.Throws<InvalidOperationException>(() => received.IsEnabled = false);
        Assert.Throws<InvalidOperationException>(() => select.TryTake());
        await channel.Writer.WriteAsync(1);
        await waiter;
    }));
}
