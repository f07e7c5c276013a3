using System.Text;
using Gyre.Diagnostics;

namespace Gyre.Http.Tests.Server;

/// <summary>What a request costs once everything has its size: no managed memory, and one system call per waiting turn.</summary>
public sealed class SteadyStateTests
{
    private const int WarmUp = 2000;
    private const int Measured = 1000;
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    public async Task A_request_on_a_kept_connection_allocates_nothing(int pipelined)
    {
        long[] allocated = new long[WarmUp + Measured + pipelined];
        int count = 0;
        using TestServer server = await TestServer.StartAsync(server => server.Get("/", context =>
        {
            allocated[count++] = GC.GetAllocatedBytesForCurrentThread();
            return Handlers.Hello(context);
        }));
        await AskAsync(server, WarmUp + Measured, pipelined);

        // Once a second the server's own clock ticks between two requests, and now and then a pool grows; a request that
        // allocated would show in every one of them.
        int allocating = Enumerable.Range(WarmUp, Measured - 1).Count(i => allocated[i + 1] != allocated[i]);
        Assert.InRange(allocating, 0, Measured / 100);
    }

    [Fact]
    public async Task On_io_uring_each_waiting_turn_is_one_system_call()
    {
        var statistics = new LoopStatistics[WarmUp + Measured];
        int count = 0;
        using TestServer server = await TestServer.StartAsync(server => server.Get("/", context =>
        {
            statistics[count++] = EventLoop.Current.Statistics;
            return Handlers.Hello(context);
        }));
        Assert.SkipUnless(server.DriverName == "io_uring", $"driver: {server.DriverName} makes other calls besides.");
        await AskAsync(server, WarmUp + Measured, pipelined: 1);

        LoopStatistics before = statistics[WarmUp];
        LoopStatistics after = statistics[^1];
        Assert.Equal(after.WaitingTurns - before.WaitingTurns, after.SystemCalls - before.SystemCalls);
        Assert.InRange(after.WaitingTurns - before.WaitingTurns, Measured - 1, 2 * Measured);
    }

    [Fact]
    public async Task An_idle_connection_holds_no_buffer()
    {
        using TestServer server = await TestServer.StartHelloAsync();
        using HttpPeer idle = await server.ConnectAsync();
        await idle.AskAsync(Get);
        HttpPeer[] peers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => server.ConnectAsync()));
        foreach (HttpPeer peer in peers)
        {
            await peer.AskAsync(Get);
        }

        // The send of the last answer may still wait for its completion.
        int rented = int.MaxValue;
        for (int i = 0; i < 10_000 && rented > 0; i++)
        {
            rented = await server.OnLoopAsync(static () => EventLoop.Current.Statistics.BuffersRented);
        }

        Assert.Equal(0, rented);
        Assert.All(peers, peer => peer.Dispose());
    }

    [Fact]
    public async Task An_idle_connection_holds_no_context()
    {
        var contexts = new HashSet<HttpContext>();
        using TestServer server = await TestServer.StartAsync(server => server.Get("/", context =>
        {
            contexts.Add(context);
            return Handlers.Hello(context);
        }));
        for (int i = 0; i < 10; i++)
        {
            using HttpPeer first = await server.ConnectAsync();
            using HttpPeer second = await server.ConnectAsync();
            await first.AskAsync(Get);
            await second.AskAsync(Get);
            await first.AskAsync(Get);
        }

        Assert.Single(contexts);
    }

    private static async Task AskAsync(TestServer server, int requests, int pipelined)
    {
        using HttpPeer peer = await server.ConnectAsync();
        byte[] together = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(Get, pipelined)));
        for (int done = 0; done < requests; done += pipelined)
        {
            await peer.SendAsync(together);
            for (int i = 0; i < pipelined; i++)
            {
                Assert.Equal(200, (await peer.ReceiveAsync()).Status);
            }
        }
    }
}
