using Gyre.Http.Tests.Server;

namespace Gyre.Http.Tests.Middleware;

public sealed class ConcurrencyLimitTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    [Fact]
    public void One_more_waits_for_its_turn_and_the_next_is_refused()
    {
        HttpServer server = Server(1, 1, TimeSpan.FromSeconds(10), static async context =>
        {
            await Coroutine.SleepAsync(TimeSpan.FromSeconds(2));
            context.Response.Send("done"u8);
        });
        InLoop.Simulate(server, async endPoint =>
        {
            using HttpPeer first = await InLoop.ConnectAsync(endPoint);
            using HttpPeer second = await InLoop.ConnectAsync(endPoint);
            using HttpPeer third = await InLoop.ConnectAsync(endPoint);
            await first.SendAsync(Get);
            await Coroutine.SleepAsync(TimeSpan.FromSeconds(0.5));
            await second.SendAsync(Get);
            await Coroutine.SleepAsync(TimeSpan.FromSeconds(0.5));
            Answer refused = await third.AskAsync(Get);

            Assert.Equal(503, refused.Status);
            Assert.Equal("1", refused["Retry-After"]);
            Assert.Equal(200, (await first.ReceiveAsync()).Status);
            Assert.Equal(200, (await second.ReceiveAsync()).Status);
            Assert.Equal(200, (await third.AskAsync(Get)).Status);
        });
    }

    [Fact]
    public void Waiting_ends_and_takes_no_permit_with_it()
    {
        HttpServer server = Server(1, 5, TimeSpan.FromSeconds(3), static async context =>
        {
            await Coroutine.SleepAsync(TimeSpan.FromSeconds(10));
            context.Response.Send("done"u8);
        });
        InLoop.Simulate(server, static async endPoint =>
        {
            using HttpPeer first = await InLoop.ConnectAsync(endPoint);
            using HttpPeer second = await InLoop.ConnectAsync(endPoint);
            await first.SendAsync(Get);
            await Coroutine.SleepAsync(TimeSpan.FromSeconds(0.5));
            Assert.Equal(503, (await second.AskAsync(Get)).Status);
            Assert.Equal(200, (await first.ReceiveAsync()).Status);
            Assert.Equal(200, (await second.AskAsync(Get)).Status);
        });
    }

    [Theory]
    [InlineData("throw")]
    [InlineData("timeout")]
    [InlineData("gone")]
    [InlineData("gone in the queue")]
    public void A_permit_comes_back_on_every_path(string path)
    {
        HttpServer server = new HttpServer(new HttpServerOptions { Logger = LineLogger.Silent })
            .UseConcurrencyLimit(1, 5, TimeSpan.FromHours(1))
            .UseTimeout(TimeSpan.FromSeconds(60))
            .Get("/", static async context =>
            {
                if (context.Request.Query == "throw")
                {
                    await Coroutine.YieldAsync();
                    throw new InvalidOperationException();
                }

                await Coroutine.SleepAsync(context.Request.Query == "quick" ? TimeSpan.Zero : TimeSpan.FromHours(2));
                context.Response.Send("done"u8);
            });
        InLoop.Simulate(server, async endPoint =>
        {
            using (HttpPeer peer = await InLoop.ConnectAsync(endPoint))
            {
                await peer.SendAsync(Get.Replace("/ ", path == "throw" ? "/?throw " : "/?slow ", StringComparison.Ordinal));
                if (path is "throw" or "timeout")
                {
                    Assert.Equal(path == "throw" ? 500 : 503, (await peer.ReceiveAsync()).Status);
                }
                else
                {
                    await Coroutine.SleepAsync(TimeSpan.FromSeconds(1));
                }

                if (path == "gone in the queue")
                {
                    using HttpPeer queued = await InLoop.ConnectAsync(endPoint);
                    await queued.SendAsync(Get);
                    await Coroutine.SleepAsync(TimeSpan.FromSeconds(1));
                }
            }

            using HttpPeer next = await InLoop.ConnectAsync(endPoint);
            TimeSpan begun = EventLoop.Current.Time;
            Assert.Equal(200, (await next.AskAsync(Get.Replace("/ ", "/?quick ", StringComparison.Ordinal))).Status);
            Assert.True(EventLoop.Current.Time - begun < TimeSpan.FromSeconds(30), "The permit came back with the time-out, not with the client's end.");
        });
    }

    [Fact]
    public async Task Several_loops_share_the_permits()
    {
        int inside = 0;
        int insideMax = 0;
        using TestServer server = await TestServer.StartAsync(
            server => server.UseConcurrencyLimit(2, 100, TimeSpan.FromMinutes(5)).Get("/", async context =>
            {
                int now = Interlocked.Increment(ref inside);
                InterlockedMax(ref insideMax, now);
                await Coroutine.YieldAsync();
                Interlocked.Decrement(ref inside);
                context.Response.Send("done"u8);
            }),
            loops: 2);
        HttpPeer[] peers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => server.ConnectAsync()));
        for (int round = 0; round < 50; round++)
        {
            Answer[] answers = await Task.WhenAll(peers.Select(static peer => peer.AskAsync(Get)));
            Assert.All(answers, static answer => Assert.Equal(200, answer.Status));
        }

        Assert.InRange(insideMax, 1, 2);
        Assert.All(peers, static peer => peer.Dispose());
    }

    private static void InterlockedMax(ref int place, int value)
    {
        for (int seen = Volatile.Read(ref place); seen < value;)
        {
            int found = Interlocked.CompareExchange(ref place, value, seen);
            seen = found == seen ? value : found;
        }
    }

    private static HttpServer Server(int max, int queueMax, TimeSpan queueTimeout, HttpHandler handler) =>
        new HttpServer(new HttpServerOptions { Logger = LineLogger.Silent }).UseConcurrencyLimit(max, queueMax, queueTimeout).Get("/", handler);
}
