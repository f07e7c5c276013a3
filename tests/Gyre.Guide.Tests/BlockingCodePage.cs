using System.Net;
using Gyre.Net;
using Gyre.Sync;

namespace Gyre.Guide.Tests;

public sealed class BlockingCodePage() : GuidePage("blocking-code.md")
{
    [Fact]
    public void Reader() => Run("a-reader", async () =>
    {
        // <a-reader>
        await using var listener = TcpListener.Listen(new IPEndPoint(IPAddress.Loopback, 0));
        int turns = 0;
        await TaskGroup.RunAsync(async group =>
        {
            group.Spawn(async () =>
            {
                await using TcpConnection client = await TcpConnection.ConnectAsync(listener.LocalEndPoint);
                foreach (byte letter in "one\ntwo\n"u8.ToArray())
                {
                    await client.AsStream().WriteAsync(new[] { letter });
                    await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(1));
                    turns++;
                }
            });

            await using TcpConnection accepted = await listener.AcceptAsync();
            await CooperativeThread.Run(() =>
            {
                var reader = new StreamReader(accepted.AsStream());
                while (reader.ReadLine() is { } line)
                {
                    Console.WriteLine(line);
                }
            });
            Console.WriteLine($"the client had {turns} turns meanwhile");
        });
        // </a-reader>
    });

    [Fact]
    public void Parking() => Run("parking", async () =>
    {
        // <parking>
        var answer = new Future<int>("the answer");
        var gate = new AsyncLock();
        await TaskGroup.RunAsync(group =>
        {
            group.SpawnThread(() =>
            {
                using (CooperativeThread.Await(gate.AcquireAsync()))
                {
                    Console.WriteLine("asks");
                    Console.WriteLine(answer.Wait());
                    CooperativeThread.Sleep(TimeSpan.FromMilliseconds(1));
                }
            });
            group.Spawn(async () =>
            {
                Console.WriteLine($"a coroutine sees {gate.IsHeld}");
                await Coroutine.YieldAsync();
                answer.SetResult(42);
            });
            return Task.CompletedTask;
        });
        // </parking>
    });

    [Fact]
    public void Limit() => Run("a-limit", async () =>
    {
        // <a-limit>
        var never = new Future("an answer that doesn't come");
        await CooperativeThread.Run(() =>
        {
            CancelScope scope = CancelScope.MoveOnAfter(TimeSpan.FromMilliseconds(5), _ => never.Wait());
            Console.WriteLine($"gave up: {scope.CancelledCaught}");
        });
        // </a-limit>
    });

    [Fact]
    public void Offloading() => Run("offload", async () =>
    {
        // <offload>
        int reported = 0;
        long sum = await Offload.RunAsync(work =>
        {
            long total = 0;
            for (int i = 1; i <= 1_000_000; i++)
            {
                total += i;
                if (i % 250_000 == 0)
                {
                    work.ThrowIfCancelled();
                    work.Invoke(() => { reported++; });
                }
            }

            return total;
        });
        Console.WriteLine($"{sum}, reported {reported} times");
        // </offload>
    });

    [Fact]
    public void Cancelling() => Run("cancelling", async () =>
    {
        // <cancelling>
        var places = new CapacityLimiter(4, "checksums");
        CancelScope scope = await CancelScope.MoveOnAfterAsync(TimeSpan.FromMilliseconds(5), async _ => await Offload.RunAsync(
            work =>
            {
                while (true)
                {
                    work.ThrowIfCancelled();
                }
            },
            new OffloadOptions { Limiter = places, Name = "a checksum" }));
        Console.WriteLine($"cancelled: {scope.CancelledCaught}, places taken: {places.BorrowedTokens}");
        // </cancelling>
    });
}
