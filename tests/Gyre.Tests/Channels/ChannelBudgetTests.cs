using System.Threading.Channels;
using Gyre.Channels;
using Gyre.Sync;

namespace Gyre.Tests;

/// <summary>What is always ready lets its peers run.</summary>
public sealed class ChannelBudgetTests
{
    internal static async Task LetsPeersRunAsync(Func<ValueTask> operation)
    {
        int passed = 0;
        int passedAtPeersTurn = -1;
        EventLoop.Current.Post(() => passedAtPeersTurn = passed);
        while (passedAtPeersTurn < 0)
        {
            await operation();
            Assert.InRange(++passed, 0, 100 * EventLoop.BudgetPerItem);
        }

        Assert.InRange(passedAtPeersTurn, 0, EventLoop.BudgetPerItem);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_channel_that_is_always_ready(bool crossLoop) => OnLoop.Run(async () =>
    {
        Channel<int> channel = crossLoop ? new CrossLoopChannel<int>() : LoopChannel.CreateUnbounded<int>();
        await LetsPeersRunAsync(() => channel.Writer.WriteAsync(1));
        await LetsPeersRunAsync(async () => await channel.Writer.WaitToWriteAsync());
        await LetsPeersRunAsync(async () => await channel.Reader.WaitToReadAsync());
        for (int i = 0; i < 10 * EventLoop.BudgetPerItem; i++)
        {
            channel.Writer.TryWrite(1);
        }

        await LetsPeersRunAsync(async () => await channel.Reader.ReadAsync());
        int count = channel.Reader.Count;
        channel.Writer.Complete();
        int read = 0;
        await foreach (int item in channel.Reader.ReadAllAsync())
        {
            read += item;
        }

        Assert.Equal(count, read);
    });

    [Fact]
    public void A_select_of_which_a_case_is_always_ready() => OnLoop.Run(async () =>
    {
        LoopChannel<int> channel = LoopChannel.CreateUnbounded<int>();
        var select = new Select();
        select.Send(channel.Writer, 1);
        await LetsPeersRunAsync(async () => await select.WaitAsync());
    });

    [Fact]
    public void A_queue_a_lock_and_the_like() => OnLoop.Run(async () =>
    {
        var queue = new AsyncQueue<int>();
        await LetsPeersRunAsync(() => queue.PutAsync(1));
        var gate = new AsyncLock();
        await LetsPeersRunAsync(async () => (await gate.AcquireAsync()).Dispose());
        var permits = new AsyncSemaphore(int.MaxValue);
        await LetsPeersRunAsync(() => permits.AcquireAsync());
        var door = new AsyncEvent(isSet: true);
        await LetsPeersRunAsync(() => door.WaitAsync());
        var limiter = new CapacityLimiter(1);
        await LetsPeersRunAsync(async () => (await limiter.AcquireAsync()).Dispose());
    });
}
