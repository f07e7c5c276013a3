using System.Threading.Channels;

/// <summary>What flows do with one another by means of the BCL.</summary>
internal static class Exchanges
{
    private static long s_count;

    public static readonly Dictionary<string, Func<long, Task>> Timed = new()
    {
        ["rendezvous"] = RendezvousAsync,
        ["buffered"] = BufferedAsync,
        ["lock"] = LockAsync,
        ["lock-contended"] = ContendAsync,
        ["offload"] = OffloadAsync,
    };

    /// <summary>The nearest that the BCL has: channels that store one item.</summary>
    private static async Task RendezvousAsync(long n)
    {
        Channel<long> there = Channel.CreateBounded<long>(1);
        Channel<long> back = Channel.CreateBounded<long>(1);
        Task other = Task.Run(async () =>
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

        await other;
    }

    private static async Task BufferedAsync(long n)
    {
        Channel<long> channel = Channel.CreateBounded<long>(128);
        Task other = Task.Run(async () =>
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

        await other;
    }

    private static async Task LockAsync(long n)
    {
        using var gate = new SemaphoreSlim(1, 1);
        for (long i = 0; i < n; i++)
        {
            await gate.WaitAsync();
            try
            {
                s_count++;
            }
            finally
            {
                gate.Release();
            }
        }
    }

    private static async Task ContendAsync(long n)
    {
        using var gate = new SemaphoreSlim(1, 1);
        var flows = new Task[10];
        for (int i = 0; i < flows.Length; i++)
        {
            flows[i] = Task.Run(async () =>
            {
                for (long j = 0; j < n / 10; j++)
                {
                    await gate.WaitAsync();
                    try
                    {
                        s_count++;
                        await Task.Yield();
                    }
                    finally
                    {
                        gate.Release();
                    }
                }
            });
        }

        await Task.WhenAll(flows);
    }

    private static async Task OffloadAsync(long n)
    {
        for (long i = 0; i < n; i++)
        {
            s_count += await Task.Run(static () => 1);
        }
    }
}
