using System.IO.Pipelines;
using Gyre.LowLevel;

namespace Gyre.Tests;

/// <summary>What runs again and again allocates nothing once it has warmed up.</summary>
public sealed class AllocationTests
{
    private const int Rounds = 1000;

    [Fact]
    public void Yielding() => AllocatesNothing(static async () =>
    {
        for (int i = 0; i < Rounds; i++)
        {
            await Coroutine.YieldAsync();
        }
    });

    [Fact]
    public void Sleeping() => AllocatesNothing(static async () =>
    {
        for (int i = 0; i < Rounds; i++)
        {
            await Coroutine.SleepAsync(TimeSpan.FromMicroseconds(1));
        }
    });

    [Fact]
    public void Parking_and_waking() => OnLoop.Run(async () =>
    {
        var wait = new Wait<int>(EventLoop.Current);
        await MeasureAsync(async () =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                ValueTask<int> parked = wait.ParkAsync();
                wait.TryWake(i);
                await parked;
            }
        });
    });

    [Fact]
    public void Ping_pong_over_a_connection_whose_reads_suspend() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        group.Spawn(() => EchoAsync(pair.Server));
        await MeasureAsync(() => PingAsync(pair.Client));
        group.Cancel();
    }));

    [Fact]
    public void Ping_pong_over_streams_whose_reads_suspend() => OnLoop.Run(() => TaskGroup.RunAsync(async group =>
    {
        Assert.SkipWhen(EventLoop.Current.DriverName == "sockets", "driver: the BCL's sockets allocate now and then by themselves.");
        await using Pair pair = await Pair.ConnectAsync();
        Stream client = pair.Client.AsStream();
        Stream server = pair.Server.AsStream();
        group.Spawn(async () =>
        {
            byte[] buffer = new byte[100];
            while (true)
            {
                int count = await server.ReadAsync(buffer);
                await server.WriteAsync(buffer.AsMemory(0, count));
            }
        });
        byte[] buffer = new byte[100];
        bool whole = true;
        await MeasureAsync(async () =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                await client.WriteAsync(buffer.AsMemory(0, 10));
                whole &= await client.ReadAsync(buffer) == 10;
            }
        });
        Assert.True(whole);
        group.Cancel();
    }));

    private static async Task EchoAsync(Gyre.Net.TcpConnection connection)
    {
        while (true)
        {
            ReadResult request = await connection.Input.ReadAsync();
            Write(connection.Output, request.Buffer.FirstSpan);
            connection.Input.AdvanceTo(request.Buffer.End);
            await connection.Output.FlushAsync();
        }
    }

    private static async Task PingAsync(Gyre.Net.TcpConnection connection)
    {
        for (int i = 0; i < Rounds; i++)
        {
            Write(connection.Output, "ping"u8);
            await connection.Output.FlushAsync();
            ReadResult answer = await connection.Input.ReadAsync();
            connection.Input.AdvanceTo(answer.Buffer.End);
        }
    }

    private static void Write(PipeWriter writer, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(writer.GetSpan(bytes.Length));
        writer.Advance(bytes.Length);
    }

    private static void AllocatesNothing(Func<Task> work) => OnLoop.Run(() => MeasureAsync(work));

    /// <summary>
    /// Runs <paramref name="work"/> until a run of it allocates no more than its own state machine. The first runs also pay
    /// for pools that fill and for code that is compiled again.
    /// </summary>
    private static async Task MeasureAsync(Func<Task> work)
    {
        // The state machine of one async method and its task; far below one object for each round.
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
