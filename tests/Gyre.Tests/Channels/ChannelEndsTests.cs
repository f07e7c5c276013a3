using System.Threading.Channels;
using Gyre.Channels;

namespace Gyre.Tests;

/// <summary>Closing: of the channel, of one end of several, of the last one; while flows wait on either side.</summary>
public sealed class ChannelEndsTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Closed_while_writers_wait_they_are_refused_and_what_is_stored_can_still_be_read(int capacity) => OnLoop.Run(() =>
        TaskGroup.RunAsync(async group =>
        {
            LoopChannel<int> channel = LoopChannel.CreateBounded<int>(capacity, "jobs");
            if (capacity == 1)
            {
                await channel.Writer.WriteAsync(1);
            }

            Coroutine<ChannelClosedException> writer = group.Spawn(async () =>
                await Assert.ThrowsAsync<ChannelClosedException>(async () => await channel.Writer.WriteAsync(2)));
            await Coroutine.YieldAsync();
            Assert.True(channel.Writer.TryComplete());
            Assert.False(channel.Writer.TryComplete());
            Assert.Contains("jobs", (await writer).Message, StringComparison.Ordinal);
            Assert.False(channel.Writer.TryWrite(3));
            Assert.Equal(capacity == 0, channel.Reader.Completion.IsCompleted);
            Assert.Equal(capacity == 1, await channel.Reader.WaitToReadAsync());
            Assert.Equal(capacity == 1, channel.Reader.TryRead(out _));
            Assert.True(channel.Reader.Completion.IsCompletedSuccessfully);
            await Assert.ThrowsAsync<ChannelClosedException>(async () => await channel.Reader.ReadAsync());
            Assert.False(await channel.Reader.WaitToReadAsync());
            Assert.False(await channel.Writer.WaitToWriteAsync());
        }));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Closed_while_readers_wait_they_end(int capacity) => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        LoopChannel<int> channel = LoopChannel.CreateBounded<int>(capacity);
        Coroutine<ChannelClosedException> reader = group.Spawn(async () =>
            await Assert.ThrowsAsync<ChannelClosedException>(async () => await channel.Reader.ReadAsync()));
        Coroutine<bool> watcher = group.Spawn(async () => await channel.Reader.WaitToReadAsync());
        Coroutine<int> all = group.Spawn(async () =>
        {
            int count = 0;
            await foreach (int item in channel.Reader.ReadAllAsync())
            {
                count += item;
            }

            return count;
        });
        await Coroutine.YieldAsync();
        Assert.Equal(3, channel.Statistics.ReadersWaiting);
        channel.Writer.Complete();
        Assert.Null((await reader).InnerException);
        Assert.False(await watcher);
        Assert.Equal(0, await all);
        Assert.Equal(0, channel.Statistics.ReadersWaiting);
    }));

    [Fact]
    public void The_last_writing_end_closes_the_channel_and_no_other_does() => OnLoop.Run(async () =>
    {
        LoopChannel<int> channel = LoopChannel.CreateUnbounded<int>();
        LoopWriter<int> clone = channel.Writer.Clone();
        channel.Writer.Dispose();
        channel.Writer.Dispose();
        Assert.Equal(1, channel.Statistics.OpenWriters);
        Assert.Throws<ObjectDisposedException>(() => channel.Writer.TryWrite(1));
        Assert.Throws<ObjectDisposedException>(() => channel.Writer.Clone());
        Assert.True(clone.TryWrite(1));
        clone.Dispose();
        Assert.Equal(1, await channel.Reader.ReadAsync());
        Assert.False(await channel.Reader.WaitToReadAsync());
    });

    [Fact]
    public void The_last_reading_end_refuses_writers_and_drops_what_is_stored() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        LoopChannel<object> channel = LoopChannel.CreateBounded<object>(1);
        LoopReader<object> clone = channel.Reader.Clone();
        channel.Writer.TryWrite(new object());
        Coroutine<ChannelClosedException> writer = group.Spawn(async () =>
            await Assert.ThrowsAsync<ChannelClosedException>(async () => await channel.Writer.WriteAsync(new object())));
        await Coroutine.YieldAsync();
        channel.Reader.Dispose();
        channel.Reader.Dispose();
        Assert.False(writer.IsDone);
        clone.Dispose();
        Assert.IsType<ObjectDisposedException>((await writer).InnerException);
        Assert.Equal(0, channel.Statistics.Stored);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await clone.ReadAsync());
        Assert.Throws<ObjectDisposedException>(() => clone.TryRead(out _));
    }));

    /// <summary>A flow that waited at an end that was closed went on waiting, and took an item through it, while a clone was open.</summary>
    [Fact]
    public void Closing_one_reading_end_ends_those_who_wait_at_it_and_no_others() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        LoopChannel<int> channel = LoopChannel.CreateRendezvous<int>();
        LoopReader<int> clone = channel.Reader.Clone();
        Coroutine<ChannelClosedException> atClosed = group.Spawn(async () =>
            await Assert.ThrowsAsync<ChannelClosedException>(async () => await channel.Reader.ReadAsync()));
        Coroutine<bool> watcher = group.Spawn(async () => await channel.Reader.WaitToReadAsync());
        Coroutine<int> atClone = group.Spawn(async () => await clone.ReadAsync());
        Coroutine<bool> cloneWatcher = group.Spawn(async () => await clone.WaitToReadAsync());
        await Coroutine.YieldAsync();
        channel.Reader.Dispose();
        await OnLoop.TurnsAsync(2);
        Assert.True(atClosed.IsDone);
        Assert.False(await watcher);
        Assert.False(atClone.IsDone);
        Assert.False(cloneWatcher.IsDone);
        await channel.Writer.WriteAsync(1);
        Assert.Equal(1, await atClone);
        clone.Dispose();
        Assert.False(await cloneWatcher);
    }));

    [Fact]
    public void Closing_one_writing_end_ends_those_who_wait_at_it_and_no_others() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        LoopChannel<int> channel = LoopChannel.CreateRendezvous<int>();
        LoopWriter<int> clone = channel.Writer.Clone();
        Coroutine<ChannelClosedException> atClosed = group.Spawn(async () =>
            await Assert.ThrowsAsync<ChannelClosedException>(async () => await channel.Writer.WriteAsync(1)));
        Coroutine<bool> watcher = group.Spawn(async () => await channel.Writer.WaitToWriteAsync());
        Coroutine atClone = group.Spawn(async () => await clone.WriteAsync(2));
        await Coroutine.YieldAsync();
        channel.Writer.Dispose();
        await OnLoop.TurnsAsync(2);
        Assert.True(atClosed.IsDone);
        Assert.False(await watcher);
        Assert.False(atClone.IsDone);
        Assert.Equal(2, await channel.Reader.ReadAsync());
    }));

    [Fact]
    public void A_select_at_an_end_that_was_disposed_takes_nothing_through_it() => OnLoop.Run(async () =>
    {
        LoopChannel<int> channel = LoopChannel.CreateBounded<int>(2);
        LoopReader<int> reader = channel.Reader.Clone();
        LoopWriter<int> writer = channel.Writer.Clone();
        channel.Writer.TryWrite(1);
        var receiving = new Select();
        receiving.Receive(reader);
        var sending = new Select();
        sending.Send(writer, 2);
        reader.Dispose();
        writer.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await receiving.WaitAsync());
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await sending.WaitAsync());
        Assert.Equal(1, channel.Reader.Count);
        channel.Reader.TryRead(out _);
        Assert.Throws<ObjectDisposedException>(() => receiving.TryTake());
    });

    [Fact]
    public void A_select_that_waits_at_an_end_that_is_disposed_is_told_that_it_is_closed() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        LoopChannel<int> channel = LoopChannel.CreateRendezvous<int>();
        LoopReader<int> clone = channel.Reader.Clone();
        var select = new Select();
        SelectReceive<int> received = select.Receive(clone);
        Coroutine<SelectCase> waiter = group.Spawn(async () => await select.WaitAsync());
        await Coroutine.YieldAsync();
        clone.Dispose();
        Assert.Same(received, await waiter);
        Assert.True(received.IsClosed);
        Assert.Equal(0, channel.Statistics.ReadersWaiting);
    }));
}
