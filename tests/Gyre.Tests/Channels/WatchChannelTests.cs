using System.Threading.Channels;
using Gyre.Channels;

namespace Gyre.Tests;

public sealed class WatchChannelTests
{
    [Fact]
    public void A_reader_sees_the_first_value_and_then_the_latest_once() => OnLoop.Run(async () =>
    {
        var config = new WatchChannel<int>(1);
        Assert.True(config.Reader.HasChanged);
        Assert.Equal(1, await config.Reader.ReadAsync());
        Assert.False(config.Reader.TryRead(out _));
        config.Value = 2;
        config.Value = 3;
        await config.Writer.WriteAsync(4);
        Assert.Equal(1, config.Reader.Count);
        Assert.Equal(4, await config.Reader.ReadAsync());
        Assert.Equal(0, config.Reader.Count);
        Assert.Equal(4, config.Value);
    });

    [Fact]
    public void Each_reader_that_waits_is_given_the_new_value() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        var config = new WatchChannel<int>(1, "config");
        using WatchReader<int> second = config.Subscribe(seesCurrent: false);
        using WatchReader<int> third = config.Subscribe();
        config.Reader.TryRead(out _);
        Assert.True(third.TryRead(out _));
        Coroutine<int>[] readers = [.. new[] { config.Reader, second, third }.Select(reader => group.Spawn(async () => await reader.ReadAsync()))];
        await Coroutine.YieldAsync();
        Assert.Equal("ChannelRead on a reader of config", readers[0].Node.DescribeWaits());
        readers[1].Cancel();
        config.Value = 5;
        config.Value = 6;
        Assert.Equal((5, 5), (await readers[0], await readers[2]));
        Assert.Equal(6, await second.ReadAsync());
        Assert.True(config.Reader.HasChanged);
    }));

    [Fact]
    public void Closed_it_still_gives_a_value_that_was_not_seen_and_can_be_looked_at() => OnLoop.Run(async () =>
    {
        var config = new WatchChannel<int>(1);
        using WatchReader<int> seen = config.Subscribe(seesCurrent: false);
        config.Writer.Complete();
        Assert.Equal(1, await config.Reader.ReadAsync());
        await Assert.ThrowsAsync<ChannelClosedException>(async () => await config.Reader.ReadAsync());
        await Assert.ThrowsAsync<ChannelClosedException>(async () => await seen.ReadAsync());
        Assert.Throws<ChannelClosedException>(() => config.Value = 2);
        Assert.Equal(1, config.Value);
        Assert.False(await config.Writer.WaitToWriteAsync());
    });

    [Fact]
    public void Closed_or_disposed_while_flows_wait_they_end() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        var config = new WatchChannel<int>(1);
        WatchReader<int> disposed = config.Subscribe(seesCurrent: false);
        config.Reader.TryRead(out _);
        Coroutine<ChannelClosedException>[] waiters = [.. new[] { disposed, config.Reader }.Select(reader => group.Spawn(async () =>
            await Assert.ThrowsAsync<ChannelClosedException>(async () => await reader.ReadAsync())))];
        await Coroutine.YieldAsync();
        disposed.Dispose();
        await waiters[0];
        Assert.False(waiters[1].IsDone);
        Assert.Equal(1, config.Readers);
        config.Writer.Complete();
        await waiters[1];
    }));

    [Fact]
    public void A_writer_lets_its_peers_run() => OnLoop.Run(async () =>
    {
        var config = new WatchChannel<int>(1);
        await ChannelBudgetTests.LetsPeersRunAsync(() => config.Writer.WriteAsync(1));
    });
}
