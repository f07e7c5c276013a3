using System.Threading.Channels;
using Gyre.Channels;

namespace Gyre.Tests;

/// <summary>Being a BCL type, a channel takes calls from any thread.</summary>
public sealed class ChannelThreadsTests
{
    [Fact]
    public void A_pool_thread_reads_and_writes_and_looks() => OnLoop.Run(async () =>
    {
        LoopChannel<int> channel = LoopChannel.CreateBounded<int>(1);
        LoopChannel<int> tried = LoopChannel.CreateBounded<int>(1);
        int sum = 0;
        Task outside = Task.Factory.StartNew(
            async () =>
            {
                Assert.True(tried.Writer.TryWrite(0));
                Assert.Equal(1, tried.Statistics.Stored);
                Assert.True(tried.Reader.TryPeek(out _));
                Assert.True(tried.Reader.TryRead(out _));
                for (int i = 1; i <= 100; i++)
                {
                    await channel.Writer.WriteAsync(i);
                }

                channel.Writer.Complete();
                await channel.Reader.Completion;
            },
            CancellationToken.None,
            TaskCreationOptions.None,
            TaskScheduler.Default).Unwrap();
        while (await channel.Reader.WaitToReadAsync())
        {
            while (channel.Reader.TryRead(out int item))
            {
                sum += item;
            }

            await Coroutine.YieldAsync();
        }

        await outside;
        Assert.Equal(5050, sum);
    });

    [Fact]
    public void A_wait_from_outside_that_is_cancelled_is_a_cancelled_task() => OnLoop.Run(async () =>
    {
        LoopChannel<int> channel = LoopChannel.CreateRendezvous<int>();
        using var token = new CancellationTokenSource();
        Task<int> read = await Task.Factory.StartNew(
            () => channel.Reader.ReadAsync(token.Token).AsTask(), CancellationToken.None, TaskCreationOptions.None, TaskScheduler.Default);
        await OnLoop.UntilAsync(() => channel.Statistics.ReadersWaiting == 1);
        await token.CancelAsync();
        Assert.Equal(token.Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read)).CancellationToken);
        Assert.True(read.IsCanceled);
    });

    [Fact]
    public void The_thread_of_another_loop_may_await_but_is_not_blocked() => OnLoop.Run(async () =>
    {
        LoopChannel<int> channel = LoopChannel.CreateBounded<int>(4, "here");
        var done = new Future();
        EventLoop home = EventLoop.Current;
        var thread = new Thread(() =>
        {
            OnLoop.Run(async () =>
            {
                await channel.Writer.WriteAsync(1);
                Assert.Contains("here", Assert.Throws<InvalidOperationException>(() => channel.Writer.TryWrite(2)).Message, StringComparison.Ordinal);
                Assert.Throws<InvalidOperationException>(() => channel.Reader.TryRead(out _));
                Assert.Equal(1, await channel.Reader.ReadAsync());
            });
            home.PostFromAnyThread(() => done.SetResult());
        });
        thread.Start();
        await done;
        Assert.Equal(0, channel.Reader.Count);
    });

    [Fact]
    public void After_its_loop_has_ended_trying_works_and_waiting_is_an_error()
    {
        LoopChannel<int>? channel = null;
        OnLoop.Run(() =>
        {
            channel = LoopChannel.CreateBounded<int>(2);
            channel.Writer.TryWrite(1);
            return Task.CompletedTask;
        });
        Assert.True(channel!.Writer.TryWrite(2));
        Assert.False(channel.Writer.TryWrite(3));
        Assert.True(channel.Reader.TryRead(out int item));
        Assert.Equal(1, item);
        Assert.Equal(1, channel.Statistics.Stored);
        Assert.True(channel.Reader.ReadAsync().AsTask().IsFaulted);
        channel.Writer.Complete();
        channel.Reader.Dispose();
    }

    [Fact]
    public void A_wait_from_outside_ends_with_the_loop()
    {
        Task<int>? read = null;
        OnLoop.Run(async () =>
        {
            LoopChannel<int> channel = LoopChannel.CreateBounded<int>(2);
            var thread = new Thread(() => read = channel.Reader.ReadAsync().AsTask());
            thread.Start();
            await OnLoop.UntilAsync(() => channel.Statistics.ReadersWaiting == 1);
            thread.Join();
        });
        Assert.True(((IAsyncResult)read!).AsyncWaitHandle.WaitOne(OnLoop.HangBound));
        Assert.True(read.IsCanceled, $"{read.Status}");
    }
}
