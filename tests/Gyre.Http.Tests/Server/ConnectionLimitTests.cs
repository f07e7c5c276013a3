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
    [InlineData(1024, 1, 896)]
    [InlineData(1024, 2, 416)]
    [InlineData(20_000, 1, 19_872)]
    [InlineData(70, 4, 1)]
    [InlineData(10, 1, 1)]
    [InlineData(long.MaxValue, 1, int.MaxValue)]
    public void The_default_leaves_descriptors_for_everything_else(long descriptors, int loops, int expected) =>
        Assert.Equal(expected, ConnectionLimit.Share(descriptors, loops));

    [Fact]
    public void The_default_is_found_on_this_machine() => Assert.InRange(ConnectionLimit.PerLoop(2), 1, ConnectionLimit.PerLoop(1));
}
