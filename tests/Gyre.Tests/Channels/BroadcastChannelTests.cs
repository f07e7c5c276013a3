using System.Threading.Channels;
using Gyre.Channels;

namespace Gyre.Tests;

public sealed class BroadcastChannelTests
{
    [Fact]
    public void Every_subscription_sees_what_is_written_since_it_was_made() => OnLoop.Run(async () =>
    {
        var news = new BroadcastChannel<int>(4);
        news.Writer.TryWrite(1);
        using BroadcastReader<int> late = news.Subscribe();
        news.Writer.TryWrite(2);
        Assert.Equal((2, 1), (news.Reader.Count, late.Count));
        Assert.Equal(1, await news.Reader.ReadAsync());
        Assert.Equal(2, await news.Reader.ReadAsync());
        Assert.Equal(2, await late.ReadAsync());
        Assert.False(late.TryRead(out _));
    });

    [Fact]
    public void One_that_lags_is_told_how_many_it_missed_each_time_and_goes_on_with_the_oldest_kept() => OnLoop.Run(async () =>
    {
        var news = new BroadcastChannel<int>(3, name: "news");
        using BroadcastReader<int> other = news.Subscribe();
        for (int gap = 1; gap <= 2; gap++)
        {
            for (int i = 0; i < 5; i++)
            {
                await news.Writer.WriteAsync(i);
                Assert.Equal(i, await other.ReadAsync());
            }

            Assert.Equal(3, news.Reader.Count);
            ChannelLaggedException told = await Assert.ThrowsAsync<ChannelLaggedException>(async () => await news.Reader.ReadAsync());
            Assert.Equal(2, told.Missed);
            Assert.Equal(2 * gap, news.Reader.Missed);
            Assert.Contains("news", told.Message, StringComparison.Ordinal);
            for (int i = 2; i < 5; i++)
            {
                Assert.Equal(i, await news.Reader.ReadAsync());
            }
        }

        Assert.Equal(0, other.Missed);
    });

    [Fact]
    public void By_choice_it_skips_what_it_missed_and_only_counts_it() => OnLoop.Run(async () =>
    {
        var news = new BroadcastChannel<int>(2, LagPolicy.Skip);
        for (int i = 0; i < 7; i++)
        {
            news.Writer.TryWrite(i);
        }

        Assert.Equal(5, await news.Reader.ReadAsync());
        Assert.Equal(5, news.Reader.Missed);
        news.Writer.Complete();
        Assert.Equal(6, await news.Reader.ReadAsync());
        Assert.False(await news.Reader.WaitToReadAsync());
        await Assert.ThrowsAsync<ChannelClosedException>(async () => await news.Writer.WriteAsync(1));
    });

    [Fact]
    public void Flows_that_wait_at_one_subscription_take_turns_and_cancelled_ones_take_nothing() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        var news = new BroadcastChannel<int>(4);
        Coroutine<int> cancelled = group.Spawn(async () => await news.Reader.ReadAsync());
        Coroutine<int> first = group.Spawn(async () => await news.Reader.ReadAsync());
        Coroutine<int> second = group.Spawn(async () => await news.Reader.ReadAsync());
        await Coroutine.YieldAsync();
        Assert.Equal("ChannelRead on a subscription of a broadcast", first.Node.DescribeWaits());
        cancelled.Cancel();
        news.Writer.TryWrite(1);
        Assert.False(news.Reader.TryRead(out _));
        news.Writer.TryWrite(2);
        Assert.Equal((1, 2), (await first, await second));
    }));

    [Fact]
    public void A_disposed_subscription_ends_its_waits_and_holds_nobody_up() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        var news = new BroadcastChannel<int>(1);
        BroadcastReader<int> gone = news.Subscribe();
        Assert.Equal(2, news.Subscriptions);
        Coroutine<ChannelClosedException> waiter = group.Spawn(async () =>
            await Assert.ThrowsAsync<ChannelClosedException>(async () => await gone.ReadAsync()));
        await Coroutine.YieldAsync();
        gone.Dispose();
        gone.Dispose();
        await waiter;
        Assert.Equal(1, news.Subscriptions);
        news.Reader.Dispose();
        Assert.True(news.Writer.TryWrite(1));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await gone.ReadAsync());
    }));

    [Fact]
    public void A_writer_that_never_waits_lets_its_peers_run() => OnLoop.Run(async () =>
    {
        var news = new BroadcastChannel<int>(1);
        await ChannelBudgetTests.LetsPeersRunAsync(() => news.Writer.WriteAsync(1));
        await ChannelBudgetTests.LetsPeersRunAsync(async () => await news.Writer.WaitToWriteAsync());
    });
}
