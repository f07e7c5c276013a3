using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Gyre.Tls;

namespace Gyre.Http.Tests.Server;

/// <summary>What may stand before HTTP on a connection: TLS, and the header of a proxy.</summary>
public sealed class EndpointTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    private static readonly DevelopmentCertificate s_certificate = DevelopmentCertificate.Create("localhost");

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Https_answers_like_http_and_handlers_can_tell(int loops)
    {
        using TestServer server = await StartAsync(NewHttps(), loops);
        using HttpPeer peer = await ConnectTlsAsync(server.EndPoint);

        for (int i = 0; i < 3; i++)
        {
            Assert.Equal("https 127.0.0.1", (await peer.AskAsync(Get)).Text);
        }

        Answer echoed = await peer.AskAsync("POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
        Assert.Equal("3:abc", echoed.Text);
    }

    [Fact]
    public async Task Plain_http_to_the_tls_port_is_told_so()
    {
        using TestServer server = await StartAsync(NewHttps());
        using HttpPeer peer = await server.ConnectAsync();

        Answer answer = await peer.AskAsync(Get);

        Assert.Equal(400, answer.Status);
        Assert.Contains("https", answer.Text, StringComparison.Ordinal);
        Assert.Empty(server.Log);
    }

    [Fact]
    public async Task A_failed_handshake_ends_its_connection_alone_and_gives_its_place_back()
    {
        using TestServer server = await StartAsync(
            NewHttps(), options: new HttpServerOptions
            {
                ConnectionsPerLoopMax = 1,
                SurplusConnectionsPerLoopMax = 0,
                DrainTimeout = TimeSpan.Zero,
            });
        for (int i = 0; i < 5; i++)
        {
            using HttpPeer peer = await server.ConnectAsync();
            await peer.SendAsync(new byte[] { 0x16, 0x03, 0x01, 0x00, 0x02, 0xFF, 0xFF });
            await ReceiveEndOrBreakAsync(peer);
        }

        using HttpPeer good = await ConnectTlsAsync(server.EndPoint);
        Assert.Equal("https 127.0.0.1", (await good.AskAsync(Get)).Text);
    }

    [Fact]
    public async Task A_client_that_says_nothing_to_the_tls_port_is_hung_up_on()
    {
        TlsServerOptions tls = s_certificate.ToServerOptions() with { HandshakeTimeout = TimeSpan.FromMilliseconds(50) };
        using TestServer server = await StartAsync(new HttpEndpoint(new IPEndPoint(IPAddress.Loopback, 0)) { Tls = tls });
        using HttpPeer peer = await server.ConnectAsync();

        await ReceiveEndOrBreakAsync(peer);
    }

    [Fact]
    public async Task An_https_url_without_a_certificate_is_refused_with_the_remedy()
    {
        ArgumentException refusal = await Assert.ThrowsAsync<ArgumentException>(
            () => InLoop.RunMainAsync(() => new HttpServer().ServeAsync("https://127.0.0.1:0")));

        Assert.Contains("DevelopmentCertificate", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PROXY TCP4 192.0.2.7 198.51.100.1 40000 443\r\n", "http 192.0.2.7")]
    [InlineData("PROXY TCP6 2001:db8::1 2001:db8::2 40000 443\r\n", "http 2001:db8::1")]
    [InlineData("PROXY UNKNOWN\r\n", "http 127.0.0.1")]
    public async Task A_trusted_proxy_names_the_client(string header, string expected)
    {
        using TestServer server = await StartAsync(NewProxied("127.0.0.0/8"));
        using HttpPeer peer = await server.ConnectAsync();

        foreach (char c in header)
        {
            await peer.SendAsync(c.ToString());
        }

        Assert.Equal(expected, (await peer.AskAsync(Get)).Text);
        Assert.Equal(expected, (await peer.AskAsync(Get)).Text);
    }

    [Fact]
    public async Task A_header_and_requests_in_one_packet_are_told_apart()
    {
        using TestServer server = await StartAsync(NewProxied("127.0.0.0/8"));
        using HttpPeer peer = await server.ConnectAsync();

        await peer.SendAsync("PROXY TCP4 192.0.2.7 198.51.100.1 1 2\r\n" + Get + Get);

        Assert.Equal("http 192.0.2.7", (await peer.ReceiveAsync()).Text);
        Assert.Equal("http 192.0.2.7", (await peer.ReceiveAsync()).Text);
    }

    [Theory]
    [InlineData(Get)]
    [InlineData("PROXY TCP4 192.0.2.7\r\n")]
    [InlineData("PROXY TCP4 192.0.2.7 198.51.100.1 1 2\n")]
    public async Task A_trusted_proxy_that_sends_no_header_is_hung_up_on(string sent)
    {
        using TestServer server = await StartAsync(NewProxied("127.0.0.0/8"));
        using HttpPeer peer = await server.ConnectAsync();

        await peer.SendAsync(sent);

        await ReceiveEndOrBreakAsync(peer);
    }

    [Fact]
    public async Task From_anybody_else_a_header_is_a_bad_request()
    {
        using TestServer server = await StartAsync(NewProxied("192.0.2.0/24"));
        using HttpPeer peer = await server.ConnectAsync();

        Assert.Equal(400, (await peer.AskAsync("PROXY TCP4 192.0.2.7 198.51.100.1 1 2\r\n")).Status);
    }

    [Fact]
    public async Task Tls_behind_a_proxy_header_works_too()
    {
        HttpEndpoint endpoint = NewProxied("127.0.0.0/8") with { Tls = s_certificate.ToServerOptions() };
        using TestServer server = await StartAsync(endpoint);

        using HttpPeer peer = await ConnectTlsAsync(server.EndPoint, "PROXY TCP4 192.0.2.7 198.51.100.1 1 2\r\n");

        Assert.Equal("https 192.0.2.7", (await peer.AskAsync(Get)).Text);
    }

    [Fact]
    public async Task Several_endpoints_are_served_together()
    {
        var ready = new TaskCompletionSource<IReadOnlyList<IPEndPoint>>(TaskCreationOptions.RunContinuationsAsynchronously);
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        HttpServer http = new HttpServer(new HttpServerOptions { DrainTimeout = TimeSpan.Zero }).Get("/", AnswerWho);
        Task run = InLoop.RunMainAsync(() => TaskGroup.RunAsync(async group =>
        {
            group.Spawn(() => http.ServeAsync([HttpEndpoint.Parse("http://127.0.0.1:0"), NewHttps()], ready.SetResult), "server");
            await asked.Task;
            group.Cancel("the test is over");
        }));
        IReadOnlyList<IPEndPoint> bound = await ready.Task.OrFail();

        using (HttpPeer plain = await HttpPeer.ConnectAsync(bound[0]))
        using (HttpPeer tls = await ConnectTlsAsync(bound[1]))
        {
            Assert.Equal("http 127.0.0.1", (await plain.AskAsync(Get)).Text);
            Assert.Equal("https 127.0.0.1", (await tls.AskAsync(Get)).Text);
        }

        asked.SetResult();
        await run;
    }

    [Fact]
    public async Task Requests_of_all_endpoints_have_ids_of_their_own()
    {
        var ids = new System.Collections.Concurrent.ConcurrentQueue<string>();
        HttpServer http = new HttpServer(new HttpServerOptions { DrainTimeout = TimeSpan.Zero }).Get("/", context =>
        {
            ids.Enqueue(context.RequestId);
            return default;
        });
        await InLoop.RunMainAsync(() => CancelScope.RunAsync(async scope => await TaskGroup.RunAsync(async group =>
        {
            var ready = new TaskCompletionSource<IReadOnlyList<IPEndPoint>>();
            group.Spawn(() => http.ServeAsync([HttpEndpoint.Parse("http://127.0.0.1:0"), HttpEndpoint.Parse("http://127.0.0.1:0")], ready.SetResult));
            foreach (IPEndPoint endPoint in await ready.Task)
            {
                using HttpPeer peer = await InLoop.ConnectAsync(endPoint);
                await peer.AskAsync(Get);
                await peer.AskAsync(Get);
            }

            scope.Cancel();
        })));
        Assert.Equal(4, ids.Distinct().Count());
    }

    /// <summary>Hung up on, without a word.</summary>
    private static async Task ReceiveEndOrBreakAsync(HttpPeer peer)
    {
        try
        {
            Assert.Empty(await peer.ReceiveRestAsync());
        }
        catch (IOException)
        {
            // With input unread the end is a reset.
        }
    }

    private static HttpEndpoint NewHttps() => new(new IPEndPoint(IPAddress.Loopback, 0)) { Tls = s_certificate.ToServerOptions() };

    private static HttpEndpoint NewProxied(string network) =>
        new(new IPEndPoint(IPAddress.Loopback, 0)) { ProxyProtocolFrom = [IPNetwork.Parse(network)] };

    private static Task<TestServer> StartAsync(HttpEndpoint endpoint, int loops = 1, HttpServerOptions? options = null) => TestServer.StartAsync(
        server => server.Get("/", AnswerWho).Map("/body", Handlers.EchoBody), options, loops, endpoint);

    private static ValueTask AnswerWho(HttpContext context)
    {
        context.Response.Send($"{context.Request.Scheme} {context.Request.RemoteEndPoint?.Address}");
        return default;
    }

    private static async Task<HttpPeer> ConnectTlsAsync(IPEndPoint endPoint, string before = "")
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(endPoint).OrFail();
        var network = new NetworkStream(socket, ownsSocket: true);
        await network.WriteAsync(Encoding.ASCII.GetBytes(before));
        var tls = new SslStream(network);
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate!.GetCertHashString() == s_certificate.Certificate.GetCertHashString(),
        }).OrFail();
        return new HttpPeer(tls, socket);
    }
}
