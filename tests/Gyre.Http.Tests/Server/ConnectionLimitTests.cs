using Gyre.Http.Server;

namespace Gyre.Http.Tests.Server;

public sealed class ConnectionLimitTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    [Fact]
    public void Above_the_limit_accepting_pauses_until_a_connection_leaves()
    {
        var server = new HttpServer(new HttpServerOptions
        {
            ConnectionsPerLoopMax = 2,
            SurplusConnectionsPerLoopMax = 0,
            KeepAliveTimeout = Timeout.InfiniteTimeSpan,
        });
        server.Get("/", Handlers.Hello);
        InLoop.Simulate(server, async endPoint =>
        {
            HttpPeer first = await InLoop.ConnectAsync(endPoint);
            using HttpPeer second = await InLoop.ConnectAsync(endPoint);
            Assert.Equal(200, (await first.AskAsync(Get)).Status);
            Assert.Equal(200, (await second.AskAsync(Get)).Status);
            using HttpPeer third = await InLoop.ConnectAsync(endPoint);
            Task<Answer> answer = third.AskAsync(Get);

            await Coroutine.SleepAsync(TimeSpan.FromHours(1));
            Assert.False(answer.IsCompleted);
            first.Dispose();

            Assert.Equal(200, (await answer).Status);
            Assert.Equal(200, (await second.AskAsync(Get)).Status);
        });
    }

    [Theory]
    [InlineData(Get, "")]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", "")]
    [InlineData(Get, Get)]
    public void One_more_than_the_limit_is_told_so_and_closed(string request, string behind)
    {
        HttpServer server = Limited(connections: 1, surplus: 64);
        InLoop.Simulate(server, async endPoint =>
        {
            HttpPeer served = await InLoop.ConnectAsync(endPoint);
            Assert.Equal(200, (await served.AskAsync(Get)).Status);
            using HttpPeer surplus = await InLoop.ConnectAsync(endPoint);
            Answer answer = await surplus.AskAsync(request + behind);
            Assert.Equal((503, "1", "close"), (answer.Status, answer["Retry-After"], answer["Connection"]));
            await surplus.ReceiveEndAsync();

            Assert.Equal(200, (await served.AskAsync(Get)).Status);
            served.Dispose();
            await Coroutine.SleepAsync(TimeSpan.FromSeconds(1));
            using HttpPeer next = await InLoop.ConnectAsync(endPoint);
            Assert.Equal(200, (await next.AskAsync(Get)).Status);
        });
    }

    [Theory]
    [InlineData("")]
    [InlineData("GET / HT")]
    public void One_that_is_turned_away_and_says_nothing_goes_soon_and_a_further_one_waits_for_its_place(string words)
    {
        HttpServer server = Limited(connections: 1, surplus: 1);
        InLoop.Simulate(server, async endPoint =>
        {
            using HttpPeer served = await InLoop.ConnectAsync(endPoint);
            Assert.Equal(200, (await served.AskAsync(Get)).Status);
            using HttpPeer silent = await InLoop.ConnectAsync(endPoint);
            await silent.SendAsync(words);
            await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(100));
            using HttpPeer waiting = await InLoop.ConnectAsync(endPoint);
            TimeSpan began = EventLoop.Current.Time;
            Assert.Equal(503, (await waiting.AskAsync(Get)).Status);
            Assert.InRange(EventLoop.Current.Time - began, TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(12));
            Assert.Equal(200, (await served.AskAsync(Get)).Status);
        });
    }

    /// <summary>Else clients that take nothing could hold any number of descriptors beyond the limit.</summary>
    [Fact]
    public void A_connection_that_still_sends_its_last_response_keeps_its_place()
    {
        var server = new HttpServer(new HttpServerOptions { ConnectionsPerLoopMax = 1, SurplusConnectionsPerLoopMax = 0 });
        server.Get("/", Handlers.Hello);
        server.Get("/long", static async context =>
        {
            context.Response.Close = true;
            context.Response.ContentLength = 110 * 1024;
            await context.Response.WriteAsync(new byte[110 * 1024]);
        });
        InLoop.Simulate(server, async endPoint =>
        {
            HttpPeer slow = await InLoop.ConnectAsync(endPoint);
            await slow.SendAsync("GET /long HTTP/1.1\r\nHost: a\r\n\r\n");
            await Coroutine.SleepAsync(TimeSpan.FromSeconds(1));
            using HttpPeer next = await InLoop.ConnectAsync(endPoint);
            Task<Answer> answer = next.AskAsync(Get);
            await Coroutine.SleepAsync(TimeSpan.FromSeconds(1));
            Assert.False(answer.IsCompleted);
            slow.Dispose();
            Assert.Equal(200, (await answer).Status);
        });
    }

    [Fact]
    public async Task A_limit_of_one_serves_any_number_of_connections_in_turn()
    {
        using TestServer server = await TestServer.StartHelloAsync(new HttpServerOptions { ConnectionsPerLoopMax = 1, SurplusConnectionsPerLoopMax = 0 });
        HttpPeer[] peers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => server.ConnectAsync()));
        await Task.WhenAll(peers.Select(async peer =>
        {
            using (peer)
            {
                Assert.Equal("Hello, World!", (await peer.AskAsync(Get)).Text);
            }
        }));
    }

    private static HttpServer Limited(int connections, int surplus)
    {
        var server = new HttpServer(new HttpServerOptions
        {
            ConnectionsPerLoopMax = connections,
            SurplusConnectionsPerLoopMax = surplus,
            KeepAliveTimeout = Timeout.InfiniteTimeSpan,
            HeaderTimeout = TimeSpan.FromHours(1),
        });
        server.Get("/", Handlers.Hello);
        server.Post("/", Handlers.EchoBody);
        return server;
    }

    [Theory]
    [InlineData(1024, 60, 1, 0, 836, 64, true)]
    [InlineData(1024, 60, 2, 0, 386, 64, true)]
    [InlineData(1273, 60, 1, 0, 1085, 64, true)]
    [InlineData(1274, 60, 1, 0, 575, 64, false)]
    [InlineData(1300, 60, 1, 0, 601, 64, false)]
    [InlineData(20_000, 60, 1, 0, 19_301, 64, false)]
    [InlineData(200, 60, 1, 0, 57, 19, true)]
    [InlineData(120, 59, 1, 0, 1, 1, true)]
    [InlineData(10, 60, 1, 0, 1, 1, true)]
    [InlineData(long.MaxValue, 60, 1, 0, int.MaxValue - 64 - 511, 64, false)]
    [InlineData(1024, 60, 1, 100, 325, 64, false)]
    [InlineData(1024, 60, 1, 325, 325, 64, false)]
    [InlineData(1024, 60, 1, 326, 836, 64, true)]
    public void The_default_leaves_descriptors_for_everything_else(
        long descriptors, int open, int loops, int wanted, int connections, int ahead, bool isExact) => Assert.Equal(
            new ConnectionLimit(connections, ahead) { IsExact = isExact }, ConnectionLimit.Share(descriptors, open, loops, backlog: 511, wanted));

    [Fact]
    public void The_default_is_found_on_this_machine() =>
        Assert.InRange(ConnectionLimit.PerLoop(2, 511).Connections, 1, ConnectionLimit.PerLoop(1, 511).Connections);
}
