using System.Threading.Channels;
using Gyre.Channels;
using Gyre.Sync;

namespace Gyre.Tests;

/// <summary>What flows do again and again with locks and channels allocates nothing once it has warmed up.</summary>
public sealed class SyncAllocationTests
{
    private const int Rounds = 1000;

    [Fact]
    public void A_lock_without_contention() => OnLoop.Run(() =>
    {
        var gate = new AsyncLock();
        return MeasureAsync(async () =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                using LockHolder held = await gate.AcquireAsync();
            }
        });
    });

    [Fact]
    public void A_lock_that_two_coroutines_want() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        var gate = new AsyncLock();
        group.Spawn(async () =>
        {
            while (true)
            {
                using LockHolder held = await gate.AcquireAsync();
                await Coroutine.YieldAsync();
            }
        });
        await MeasureAsync(async () =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                using LockHolder held = await gate.AcquireAsync();
                await Coroutine.YieldAsync();
            }
        });
        group.Cancel();
    }));

    [Fact]
    public void A_semaphore() => OnLoop.Run(() =>
    {
        var permits = new AsyncSemaphore(1);
        return MeasureAsync(async () =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                await permits.AcquireAsync();
                permits.Release();
            }
        });
    });

    [Fact]
    public void A_buffered_channel() => OnLoop.Run(() =>
    {
        LoopChannel<int> channel = LoopChannel.CreateBounded<int>(4);
        return MeasureAsync(async () =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                await channel.Writer.WriteAsync(i);
                await channel.Writer.WaitToWriteAsync();
                await channel.Reader.WaitToReadAsync();
                await channel.Reader.ReadAsync();
                channel.Writer.TryWrite(i);
                channel.Reader.TryRead(out _);
            }
        });
    });

    [Fact]
    public void A_watch_and_a_broadcast() => OnLoop.Run(() =>
    {
        Channel<int>[] channels = [new WatchChannel<int>(0), new BroadcastChannel<int>(4)];
        channels[0].Reader.TryRead(out _);
        return MeasureAsync(async () =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                Channel<int> channel = channels[i % 2];
                await channel.Writer.WriteAsync(i);
                await channel.Reader.ReadAsync();
                channel.Writer.TryWrite(i);
                channel.Reader.TryRead(out _);
            }
        });
    });

    [Fact]
    public void Ping_pong_over_two_rendezvous() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        LoopChannel<int> there = LoopChannel.CreateRendezvous<int>();
        LoopChannel<int> back = LoopChannel.CreateRendezvous<int>();
        group.Spawn(async () =>
        {
            while (true)
            {
                await back.Writer.WriteAsync(await there.Reader.ReadAsync());
            }
        });
        await MeasureAsync(async () =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                await there.Writer.WriteAsync(i);
                await back.Reader.ReadAsync();
            }
        });
        group.Cancel();
    }));

    [Fact]
    public void A_select_of_two() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        LoopChannel<int> first = LoopChannel.CreateRendezvous<int>();
        LoopChannel<int> second = LoopChannel.CreateRendezvous<int>();
        group.Spawn(async () =>
        {
            while (true)
            {
                await first.Writer.WriteAsync(1);
                await second.Writer.WriteAsync(2);
            }
        });
        var select = new Select();
        select.Receive(first.Reader);
        select.Receive(second.Reader);
        await MeasureAsync(async () =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                await select.WaitAsync();
            }
        });
        group.Cancel();
    }));

    /// <summary>As in <see cref="AllocationTests"/>.</summary>
    private static async Task MeasureAsync(Func<Task> work)
    {
        const long fixedBytesMax = 1000;
        long least = long.MaxValue;
        for (int attempt = 0; attempt < 20 && least > fixedBytesMax; attempt++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            await work();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.InRange(least, 0, fixedBytesMax);
    }
}
