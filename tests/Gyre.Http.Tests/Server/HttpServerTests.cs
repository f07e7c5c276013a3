using System.Net;
using System.Net.Sockets;
using Gyre.Http.Server;
using Gyre.Net;

namespace Gyre.Http.Tests.Server;

/// <summary>The server as its user sees it: routes, start, options.</summary>
public sealed class HttpServerTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    [Fact]
    public async Task A_server_without_routes_finds_nothing()
    {
        using TestServer server = await TestServer.StartAsync(static _ => { });
        using HttpPeer peer = await server.ConnectAsync();

        Assert.Equal(404, (await peer.AskAsync(Get)).Status);
    }

    [Fact]
    public async Task Get_takes_reads_and_map_the_other_methods_of_one_path()
    {
        using TestServer server = await TestServer.StartAsync(server => server.Get("/", Answer("get")).Map("/", Answer("map")).Default(Answer("default")));
        using HttpPeer peer = await server.ConnectAsync();

        Assert.Equal("get", (await peer.AskAsync(Get)).Text);
        Assert.Equal("3", (await peer.AskAsync(Get.Replace("GET", "HEAD", StringComparison.Ordinal), isHead: true))["Content-Length"]);
        Assert.Equal("map", (await peer.AskAsync(Get.Replace("GET", "POST", StringComparison.Ordinal))).Text);
        Assert.Equal("map", (await peer.AskAsync(Get.Replace("GET", "BREW", StringComparison.Ordinal))).Text);
        Assert.Equal("default", (await peer.AskAsync("GET /other HTTP/1.1\r\nHost: a\r\n\r\n")).Text);
    }

    [Fact]
    public async Task A_handler_sees_what_the_peer_sent()
    {
        using TestServer server = await TestServer.StartAsync(server => server.Default(context =>
        {
            HttpRequest request = context.Request;
            context.Response.Send(
                $"{request.Method} {request.Path} {request.Query} {request.Headers.Count} {request.RemoteEndPoint!.Address} {request}");
            return default;
        }));
        using HttpPeer peer = await server.ConnectAsync();
        for (int i = 0; i < 2; i++)
        {
            Answer answer = await peer.AskAsync($"PUT /a%20b/{i}?c=d&e HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n");

            Assert.Equal($"Put /a%20b/{i} c=d&e 2 127.0.0.1 PUT /a%20b/{i}?c=d&e HTTP/1.1", answer.Text);
        }
    }

    [Fact]
    public async Task One_server_serves_several_addresses()
    {
        var server = new HttpServer();
        server.Get("/", Handlers.Hello);
        await InLoop.RunAsync(server, async first =>
        {
            await TaskGroup.RunAsync(async group =>
            {
                var ready = new TaskCompletionSource<IPEndPoint>();
                group.Spawn(() => server.ServeAsync(new IPEndPoint(IPAddress.Loopback, 0), ready.SetResult));
                foreach (IPEndPoint endPoint in new[] { first, await ready.Task })
                {
                    using HttpPeer peer = await InLoop.ConnectAsync(endPoint);
                    Assert.Equal("Hello, World!", (await peer.AskAsync(Get)).Text);
                }

                group.Cancel();
            });
        });
    }

    [Fact]
    public async Task Routes_are_refused_while_the_server_serves()
    {
        var server = new HttpServer();
        await InLoop.RunAsync(server, _ =>
        {
            Assert.Throws<InvalidOperationException>(() => server.Get("/", Handlers.Hello));
            Assert.Throws<InvalidOperationException>(() => server.Map("/", Handlers.Hello));
            Assert.Throws<InvalidOperationException>(() => server.Default(Handlers.Hello));
            return Task.CompletedTask;
        });
    }

    [Fact]
    public async Task A_port_in_use_is_told_with_its_address()
    {
        using TestServer server = await TestServer.StartHelloAsync();

        SocketException refusal = await Assert.ThrowsAsync<SocketException>(
            () => InLoop.RunMainAsync(() => new HttpServer().ServeAsync(server.EndPoint)));

        Assert.Contains($"{server.EndPoint}", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(SocketError.AddressAlreadyInUse, refusal.SocketErrorCode);
        Assert.Contains("another process, or this one, listens there", refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>On several loops it was served, and connections fell to either endpoint.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task One_address_for_two_endpoints_is_told_with_it(int loops)
    {
        HttpEndpoint free;
        using (var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            free = new HttpEndpoint((IPEndPoint)socket.LocalEndPoint!);
        }

        ArgumentException refusal = await Assert.ThrowsAsync<ArgumentException>("endpoints", () => InLoop.RunMainAsync(
            () => new HttpServer().ServeAsync([free, free with { Name = "b" }], static _ => throw new InvalidDataException("It is served.")), loops));

        Assert.Contains($"The endpoint 'b' at index 1 has the address {free.Address} of one before it", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_endpoint_that_is_null_is_told_with_its_place()
    {
        ArgumentException refusal = await Assert.ThrowsAsync<ArgumentException>(
            "endpoints", () => InLoop.RunMainAsync(() => new HttpServer().ServeAsync([HttpEndpoint.Parse("http://127.0.0.1:0"), null!])));

        Assert.Contains("index 1 is null", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_ready_callback_that_fails_ends_the_server_and_frees_its_port(int loops)
    {
        await InLoop.RunMainAsync(
            async () =>
            {
                IPEndPoint? bound = null;
                await Assert.ThrowsAsync<InvalidDataException>(() => new HttpServer().ServeAsync("http://127.0.0.1:0", endPoint =>
                {
                    bound = endPoint;
                    throw new InvalidDataException("on purpose");
                }));

                await FreedAsync(bound!);
            },
            loops);
    }

    [Fact]
    public async Task Off_a_loop_serving_says_what_is_missing()
    {
        InvalidOperationException refusal = await Assert.ThrowsAsync<InvalidOperationException>(
            () => new HttpServer().ServeAsync("http://127.0.0.1:0"));

        Assert.Contains("GyreRuntime.Run", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_that_make_no_sense_are_refused_where_they_are_set()
    {
        var none = TimeSpan.FromTicks(-1);
        Assert.Throws<ArgumentOutOfRangeException>("HeaderTimeout", () => new HttpServerOptions { HeaderTimeout = none });
        Assert.Throws<ArgumentOutOfRangeException>("KeepAliveTimeout", () => new HttpServerOptions { KeepAliveTimeout = none });
        Assert.Throws<ArgumentOutOfRangeException>("LingerTimeout", () => new HttpServerOptions { LingerTimeout = none });
        Assert.Throws<ArgumentOutOfRangeException>("BodyGrace", () => new HttpServerOptions { BodyGrace = Timeout.InfiniteTimeSpan });
        Assert.Throws<ArgumentOutOfRangeException>("BodyBytesPerSecondMin", () => new HttpServerOptions { BodyBytesPerSecondMin = -1 });
        Assert.Throws<ArgumentOutOfRangeException>("DrainBytesMax", () => new HttpServerOptions { DrainBytesMax = -1 });
        Assert.Throws<ArgumentOutOfRangeException>("ConnectionsPerLoopMax", () => new HttpServerOptions { ConnectionsPerLoopMax = -1 });
        Assert.Throws<ArgumentOutOfRangeException>("Backlog", () => new HttpServerOptions { Backlog = -1 });
    }

    [Fact]
    public Task The_coarse_clock_is_never_early() => InLoop.RunMainAsync(() =>
    {
        var server = new LoopServer(new HttpServerOptions(), Handlers.Hello, new EssentialPaths(), new ConnectionLimit(1, 1));
        Assert.Equal(0, server.Second);

        // A second may be about to end, so one more than asked for must be counted.
        Assert.Equal(1, server.DeadlineAfter(TimeSpan.Zero));
        Assert.Equal(2, server.DeadlineAfter(TimeSpan.FromTicks(1)));
        Assert.Equal(2, server.DeadlineAfter(TimeSpan.FromSeconds(1)));
        Assert.Equal(3, server.DeadlineAfter(TimeSpan.FromSeconds(1.5)));
        Assert.Equal(LoopServer.Never, server.DeadlineAfter(Timeout.InfiniteTimeSpan));
        return Task.CompletedTask;
    });

    /// <summary>Waits until nobody listens: a closed listener is gone once its loop has turned.</summary>
    private static async Task FreedAsync(IPEndPoint endPoint)
    {
        TimeSpan end = EventLoop.Current.Time + Patience.Limit;
        while (true)
        {
            try
            {
                await using TcpConnection connection = await TcpConnection.ConnectAsync(endPoint);
            }
            catch (SocketException)
            {
                return;
            }

            Assert.True(EventLoop.Current.Time < end, "The listener was never closed.");
            await Coroutine.YieldAsync();
        }
    }

    private static HttpHandler Answer(string text) => context =>
    {
        context.Response.Send(text);
        return default;
    };
}
