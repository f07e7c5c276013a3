using Gyre.Http.Server;

namespace Gyre.Http.Tests.Server;

public sealed class ConnectionLimitTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    [Fact]
    public void Above_the_limit_accepting_pauses_until_a_connection_leaves()
    {
        var server = new HttpServer(new HttpServerOptions { ConnectionsPerLoopMax = 2, KeepAliveTimeout = Timeout.InfiniteTimeSpan });
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

    /// <summary>Else clients that take nothing could hold any number of descriptors beyond the limit.</summary>
    [Fact]
    public void A_connection_that_still_sends_its_last_response_keeps_its_place()
    {
        var server = new HttpServer(new HttpServerOptions { ConnectionsPerLoopMax = 1 });
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
        using TestServer server = await TestServer.StartHelloAsync(new HttpServerOptions { ConnectionsPerLoopMax = 1 });
        HttpPeer[] peers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => server.ConnectAsync()));
        await Task.WhenAll(peers.Select(async peer =>
        {
            using (peer)
            {
                Assert.Equal("Hello, World!", (await peer.AskAsync(Get)).Text);
            }
        }));
    }

    [Theory]
    [InlineData(1024, 60, 1, 836, 64)]
    [InlineData(1024, 60, 2, 386, 64)]
    [InlineData(20_000, 60, 1, 19_812, 64)]
    [InlineData(200, 60, 1, 57, 19)]
    [InlineData(120, 59, 1, 1, 1)]
    [InlineData(10, 60, 1, 1, 1)]
    [InlineData(long.MaxValue, 60, 1, int.MaxValue - 64, 64)]
    public void The_default_leaves_descriptors_for_everything_else(long descriptors, int open, int loops, int connections, int ahead) =>
        Assert.Equal(new ConnectionLimit(connections, ahead), ConnectionLimit.Share(descriptors, open, loops));

    [Fact]
    public void The_default_is_found_on_this_machine() =>
        Assert.InRange(ConnectionLimit.PerLoop(2).Connections, 1, ConnectionLimit.PerLoop(1).Connections);
}
