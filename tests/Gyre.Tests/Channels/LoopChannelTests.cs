using System.Threading.Channels;
using Gyre.Channels;

namespace Gyre.Tests;

public sealed class LoopChannelTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_rendezvous_makes_reader_and_writer_meet_whoever_comes_first(bool readerFirst) => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        LoopChannel<int> channel = LoopChannel.CreateRendezvous<int>("meeting");
        var order = new List<string>();
        Func<Task>[] sides =
        [
            async () =>
            {
                Assert.Equal(7, await channel.Reader.ReadAsync());
                order.Add("read");
            },
            async () =>
            {
                await channel.Writer.WriteAsync(7);
                order.Add("written");
            },
        ];
        Coroutine first = group.Spawn(sides[readerFirst ? 0 : 1]);
        await OnLoop.TurnsAsync(3);
        Assert.False(first.IsDone);
        Assert.Equal(readerFirst ? "ChannelRead on meeting" : "ChannelWrite on meeting", first.Node.DescribeWaits());
        group.Spawn(sides[readerFirst ? 1 : 0]);
        await OnLoop.TurnsAsync(3);
        Assert.Equal(2, order.Count);
        Assert.Equal(0, channel.Statistics.Stored);
    }));

    [Fact]
    public void What_a_waiting_reader_was_given_no_try_can_steal() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        LoopChannel<int> channel = LoopChannel.CreateUnbounded<int>();
        Coroutine<int> reader = group.Spawn(async () => await channel.Reader.ReadAsync());
        await Coroutine.YieldAsync();
        Assert.True(channel.Writer.TryWrite(1));
        Assert.False(channel.Reader.TryRead(out _));
        Assert.False(reader.IsDone);
        Assert.Equal(1, await reader);
    }));

    [Fact]
    public void Room_that_a_waiting_writer_was_given_no_try_can_steal() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        LoopChannel<int> channel = LoopChannel.CreateBounded<int>(1);
        await channel.Writer.WriteAsync(1);
        Coroutine writer = group.Spawn(async () => await channel.Writer.WriteAsync(2));
        await Coroutine.YieldAsync();
        Assert.False(channel.Writer.TryWrite(9));
        Assert.True(channel.Reader.TryRead(out int read));
        Assert.Equal(1, read);
        Assert.False(channel.Writer.TryWrite(9));
        await writer;
        Assert.Equal(2, await channel.Reader.ReadAsync());
    }));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    public void Given_and_then_cancelled_in_one_turn_the_reader_has_the_item(int capacity) => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        LoopChannel<int> channel = LoopChannel.CreateBounded<int>(capacity);
        int read = 0;
        Coroutine reader = group.Spawn(async () =>
        {
            read = await channel.Reader.ReadAsync();
            await Coroutine.YieldAsync();
            read = -1;
        });
        await Coroutine.YieldAsync();
        Assert.True(channel.Writer.TryWrite(7));
        reader.Cancel();
        await OnLoop.TurnsAsync(2);
        Assert.Equal(7, read);
    }));

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    public void Cancelled_and_then_written_to_in_one_turn_the_item_goes_to_the_next(int capacity) => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        LoopChannel<int> channel = LoopChannel.CreateBounded<int>(capacity);
        Coroutine<int> first = group.Spawn(async () => await channel.Reader.ReadAsync());
        Coroutine<int> second = group.Spawn(async () => await channel.Reader.ReadAsync());
        await Coroutine.YieldAsync();
        first.Cancel();
        Assert.True(channel.Writer.TryWrite(7));
        Assert.Equal(7, await second);
        Assert.True(first.IsDone);
        Assert.Equal(capacity > 0, channel.Writer.TryWrite(8));
    }));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_cancelled_writer_has_written_nothing_and_a_taken_item_once(int capacity) => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        LoopChannel<int> channel = LoopChannel.CreateBounded<int>(capacity);
        for (int i = 0; i < capacity; i++)
        {
            await channel.Writer.WriteAsync(0);
        }

        var written = new List<int>();
        Coroutine[] writers = [.. Enumerable.Range(1, 3).Select(number => group.Spawn(async () =>
        {
            await channel.Writer.WriteAsync(number);
            written.Add(number);
        }))];
        await Coroutine.YieldAsync();
        writers[0].Cancel();
        Assert.Equal(2, channel.Statistics.WritersWaiting);
        Assert.True(channel.Reader.TryRead(out int first));
        writers[1].Cancel();
        Assert.True(channel.Reader.TryRead(out int second));
        await OnLoop.TurnsAsync(2);
        Assert.Equal(capacity == 0 ? (2, 3) : (0, 2), (first, second));
        Assert.Equal([2, 3], written);
        Assert.Equal(capacity == 1, channel.Reader.TryRead(out int third));
        Assert.Equal(capacity == 1 ? 3 : 0, third);
    }));

    [Fact]
    public void Items_and_waiting_writers_are_first_in_first_out() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        LoopChannel<int> channel = LoopChannel.CreateBounded<int>(2);
        for (int i = 0; i < 6; i++)
        {
            int number = i;
            group.Spawn(async () => await channel.Writer.WriteAsync(number));
        }

        await Coroutine.YieldAsync();
        Assert.Equal(new ChannelStatistics(2, 2, 0, 4, 1, 1, false), channel.Statistics);
        for (int i = 0; i < 6; i++)
        {
            Assert.Equal(i, await channel.Reader.ReadAsync());
        }
    }));

    [Theory]
    [InlineData(BoundedChannelFullMode.DropOldest, new[] { 3, 4 }, new[] { 1, 2 })]
    [InlineData(BoundedChannelFullMode.DropNewest, new[] { 1, 4 }, new[] { 2, 3 })]
    [InlineData(BoundedChannelFullMode.DropWrite, new[] { 1, 2 }, new[] { 3, 4 })]
    public void A_full_channel_drops_what_its_mode_says(BoundedChannelFullMode mode, int[] kept, int[] dropped) => OnLoop.Run(async () =>
    {
        var lost = new List<int>();
        LoopChannel<int> channel = LoopChannel.CreateBounded(new LoopChannelOptions<int> { Capacity = 2, FullMode = mode, Dropped = lost.Add });
        for (int i = 1; i <= 4; i++)
        {
            await channel.Writer.WriteAsync(i);
            Assert.True(await channel.Writer.WaitToWriteAsync());
        }

        channel.Writer.Complete();
        var read = new List<int>();
        await foreach (int item in channel.Reader.ReadAllAsync())
        {
            read.Add(item);
        }

        Assert.Equal(kept, read);
        Assert.Equal(dropped, lost);
    });

    [Fact]
    public void In_a_cancelled_scope_nothing_is_taken_or_written() => OnLoop.Run(async () =>
    {
        LoopChannel<int> channel = LoopChannel.CreateUnbounded<int>();
        channel.Writer.TryWrite(1);
        await CancelScope.RunAsync(async scope =>
        {
            scope.Cancel();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await channel.Reader.ReadAsync());
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await channel.Writer.WriteAsync(2));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await channel.Reader.WaitToReadAsync());
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await channel.Writer.WaitToWriteAsync());
        });
        Assert.Equal(1, channel.Reader.Count);
        Assert.True(channel.Reader.TryPeek(out int seen));
        Assert.Equal(1, seen);
        Assert.Equal(1, channel.Reader.Count);
    });

    [Fact]
    public void A_oneshot_takes_one_item_and_is_closed_by_it() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        LoopChannel<int> stored = LoopChannel.CreateOneshot<int>();
        Assert.True(stored.Writer.TryWrite(1));
        Assert.False(stored.Writer.TryWrite(2));
        await Assert.ThrowsAsync<ChannelClosedException>(async () => await stored.Writer.WriteAsync(2));
        Assert.Equal(1, await stored.Reader.ReadAsync());
        await Assert.ThrowsAsync<ChannelClosedException>(async () => await stored.Reader.ReadAsync());
        LoopChannel<int> awaited = LoopChannel.CreateOneshot<int>();
        Coroutine<int> reader = group.Spawn(async () => await awaited.Reader.ReadAsync());
        Coroutine<ChannelClosedException> late = group.Spawn(async () =>
            await Assert.ThrowsAsync<ChannelClosedException>(async () => await awaited.Reader.ReadAsync()));
        await Coroutine.YieldAsync();
        await awaited.Writer.WriteAsync(3);
        Assert.Equal(3, await reader);
        await late;
        LoopChannel<int> dropped = LoopChannel.CreateOneshot<int>();
        dropped.Writer.Dispose();
        await Assert.ThrowsAsync<ChannelClosedException>(async () => await dropped.Reader.ReadAsync());
    }));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Watchers_are_told_when_a_rendezvous_could_succeed(bool watchToRead) => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        LoopChannel<int> channel = LoopChannel.CreateRendezvous<int>();
        Coroutine<bool> watcher = group.Spawn(async () =>
            watchToRead ? await channel.Reader.WaitToReadAsync() : await channel.Writer.WaitToWriteAsync());
        await OnLoop.TurnsAsync(2);
        Assert.False(watcher.IsDone);
        Coroutine other = group.Spawn(async () =>
        {
            if (watchToRead)
            {
                await channel.Writer.WriteAsync(5);
            }
            else
            {
                Assert.Equal(5, await channel.Reader.ReadAsync());
            }
        });
        Assert.True(await watcher);
        Assert.False(other.IsDone);
        Assert.True(watchToRead ? channel.Reader.TryRead(out _) : channel.Writer.TryWrite(5));
        await other;
    }));

    [Fact]
    public void Nonsense_is_refused() => OnLoop.Run(() =>
    {
        Assert.Throws<ArgumentOutOfRangeException>(static () => LoopChannel.CreateBounded<int>(-1));
        Assert.Throws<ArgumentOutOfRangeException>(static () =>
            LoopChannel.CreateBounded(new LoopChannelOptions<int> { Capacity = 0, FullMode = BoundedChannelFullMode.DropWrite }));
        Assert.Throws<ArgumentOutOfRangeException>(static () =>
            LoopChannel.CreateBounded(new LoopChannelOptions<int> { Capacity = 1, FullMode = (BoundedChannelFullMode)9 }));
        return Task.CompletedTask;
    });
}
