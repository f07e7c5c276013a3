using Gyre;
using Gyre.Channels;
using Gyre.Sync;

/// <summary>What coroutines do with one another: channels, select, locks, and the change to a cooperative thread and back.</summary>
internal static class Exchanges
{
    private static long s_count;

    public static readonly Dictionary<string, Func<long, Task>> Timed = new()
    {
        ["rendezvous"] = RendezvousAsync,
        ["buffered"] = BufferedAsync,
        ["select-2"] = SelectAsync,
        ["lock"] = LockAsync,
        ["lock-contended"] = ContendAsync,
        ["switch"] = SwitchAsync,
        ["offload"] = OffloadAsync,
    };

    /// <summary>A round trip: two hand-overs.</summary>
    private static Task RendezvousAsync(long n) => TaskGroup.RunAsync(async group =>
    {
        LoopChannel<long> there = LoopChannel.CreateRendezvous<long>();
        LoopChannel<long> back = LoopChannel.CreateRendezvous<long>();
        group.Spawn(async () =>
        {
            for (long i = 0; i < n; i++)
            {
                await back.Writer.WriteAsync(await there.Reader.ReadAsync());
            }
        });
        for (long i = 0; i < n; i++)
        {
            await there.Writer.WriteAsync(i);
            s_count += await back.Reader.ReadAsync();
        }
    });

    private static Task BufferedAsync(long n) => TaskGroup.RunAsync(async group =>
    {
        LoopChannel<long> channel = LoopChannel.CreateBounded<long>(128);
        group.Spawn(async () =>
        {
            for (long i = 0; i < n; i++)
            {
                await channel.Writer.WriteAsync(i);
            }
        });
        for (long i = 0; i < n; i++)
        {
            s_count += await channel.Reader.ReadAsync();
        }
    });

    private static Task SelectAsync(long n) => TaskGroup.RunAsync(async group =>
    {
        LoopChannel<long> first = LoopChannel.CreateRendezvous<long>();
        LoopChannel<long> second = LoopChannel.CreateRendezvous<long>();
        group.Spawn(async () =>
        {
            for (long i = 0; i < n; i++)
            {
                await ((i & 1) == 0 ? first : second).Writer.WriteAsync(i);
            }
        });
        var select = new Select();
        SelectReceive<long> one = select.Receive(first.Reader);
        SelectReceive<long> other = select.Receive(second.Reader);
        for (long i = 0; i < n; i++)
        {
            s_count += await select.WaitAsync() == one ? one.Item : other.Item;
        }
    });

    private static async Task LockAsync(long n)
    {
        var gate = new AsyncLock();
        for (long i = 0; i < n; i++)
        {
            using (await gate.AcquireAsync())
            {
                s_count++;
            }
        }
    }

    private static Task ContendAsync(long n)
    {
        var gate = new AsyncLock();
        return TaskGroup.RunAsync(group =>
        {
            for (int i = 0; i < 10; i++)
            {
                group.Spawn(async () =>
                {
                    for (long j = 0; j < n / 10; j++)
                    {
                        using (await gate.AcquireAsync())
                        {
                            s_count++;
                            await Coroutine.YieldAsync();
                        }
                    }
                });
            }

            return Task.CompletedTask;
        });
    }

    /// <summary>Each yield passes the baton to the loop and takes it back.</summary>
    private static Task SwitchAsync(long n) => CooperativeThread.Run(() =>
    {
        for (long i = 0; i < n; i++)
        {
            CooperativeThread.Yield();
        }
    });

    private static async Task OffloadAsync(long n)
    {
        for (long i = 0; i < n; i++)
        {
            s_count += await Offload.RunAsync(static () => 1);
        }
    }
}
