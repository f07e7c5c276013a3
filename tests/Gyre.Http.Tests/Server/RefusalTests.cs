using System.Net;
using System.Net.Security;
using Gyre.Tls;
using Microsoft.Extensions.Logging;

namespace Gyre.Http.Tests.Server;

/// <summary>Requests that are refused before anybody's code runs: how they are answered, and that it is said.</summary>
public sealed class RefusalTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    [Theory]
    [InlineData("HEAD / HTTP/1.1\r\nHost: a\r\nExpect: x\r\n\r\n", 417)]
    [InlineData("HEAD / HTTP/1.1\r\n\r\n", 400)]
    [InlineData("\r\nHEAD / HTTP/1.1\r\n\r\n", 400)]
    [InlineData("HEAD / HTTP/2.0\r\nHost: a\r\n\r\n", 505)]
    [InlineData("HEAD * HTTP/1.1\r\nHost: a\r\n\r\n", 400)]
    [InlineData("HEAD https://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 421)]
    [InlineData("HEAD /", 400)]
    public async Task A_head_is_refused_without_a_body_however_it_comes(string request, int status)
    {
        using TestServer server = await TestServer.StartHelloAsync();
        foreach (int piece in new[] { request.Length, 1 })
        {
            using HttpPeer peer = await server.ConnectAsync();
            for (int i = 0; i < request.Length; i += piece)
            {
                await peer.SendAsync(request.Substring(i, Math.Min(piece, request.Length - i)));
            }

            if (status == 400 && !request.EndsWith('\n'))
            {
                peer.EndSending();
            }

            Answer answer = await peer.ReceiveAsync(isHead: true);
            Assert.Equal(status, answer.Status);
            Assert.Equal("close", answer["Connection"]);
            Assert.NotEqual("0", answer["Content-Length"]);
            await peer.ReceiveEndAsync();
        }
    }

    [Theory]
    [InlineData("HEAD / HT", true)]
    [InlineData("GET / HT", false)]
    public void A_head_that_comes_too_slowly_has_a_body_unless_it_is_a_head(string start, bool isHead)
    {
        var server = new HttpServer(new HttpServerOptions { HeaderTimeout = TimeSpan.FromSeconds(1) });
        InLoop.Simulate(server, async endPoint =>
        {
            using HttpPeer peer = await InLoop.ConnectAsync(endPoint);
            await peer.SendAsync(start);
            Assert.Equal(408, (await peer.ReceiveAsync(isHead)).Status);
            await peer.ReceiveEndAsync();
        });
    }

    [Fact]
    public async Task An_https_target_is_for_secured_connections()
    {
        using TestServer server = await TestServer.StartHelloAsync();
        using HttpPeer peer = await server.ConnectAsync();
        Assert.Equal(200, (await peer.AskAsync("GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n")).Status);

        Answer answer = await peer.AskAsync("GET https://a/ HTTP/1.1\r\nHost: a\r\n\r\n" + Get);
        Assert.Equal((421, "close"), (answer.Status, answer["Connection"]));
        await peer.ReceiveEndAsync();
    }

    [Fact]
    public async Task A_tunnel_that_isnt_opened_ends_the_connection()
    {
        using TestServer server = await TestServer.StartHelloAsync();
        using HttpPeer peer = await server.ConnectAsync();
        Answer answer = await peer.AskAsync("CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n" + Get);
        Assert.Equal((501, "close"), (answer.Status, answer["Connection"]));
        await peer.ReceiveEndAsync();
    }

    [Fact]
    public async Task Trace_is_for_handlers_that_ask_for_it_by_name()
    {
        using TestServer server = await TestServer.StartAsync(static server => server
            .Map("/any", Handlers.Hello)
            .Map("/named", Handlers.Hello)
            .Map("TRACE", "/named", Handlers.Hello));
        using HttpPeer peer = await server.ConnectAsync();
        Assert.Equal(405, (await peer.AskAsync("TRACE /any HTTP/1.1\r\nHost: a\r\n\r\n")).Status);
        Assert.Equal(200, (await peer.AskAsync("BREW /any HTTP/1.1\r\nHost: a\r\n\r\n")).Status);
        Assert.Equal(200, (await peer.AskAsync("TRACE /named HTTP/1.1\r\nHost: a\r\n\r\n")).Status);
    }

    [Theory]
    [InlineData(256 * 1024, null)]
    [InlineData((256 * 1024) + 1, "close")]
    public async Task Whoever_sends_more_than_will_be_dropped_is_told_that_the_connection_ends(int length, string? connection)
    {
        using TestServer server = await TestServer.StartHelloAsync();
        using HttpPeer peer = await server.ConnectAsync();
        Answer answer = await peer.AskAsync($"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n");
        Assert.Equal((200, connection), (answer.Status, answer["Connection"]));
    }

    [Theory]
    [InlineData("nonsense\r\n\r\n", "400")]
    [InlineData("GET https://a/ HTTP/1.1\r\nHost: a\r\n\r\n", "421")]
    public async Task What_is_refused_is_said_to_whoever_listens_for_details(string request, string status)
    {
        var lines = new List<string>();
        var server = new HttpServer(new HttpServerOptions { Logger = new DetailLogger(lines) });
        await InLoop.RunAsync(server, async endPoint =>
        {
            using HttpPeer peer = await InLoop.ConnectAsync(endPoint);
            await peer.AskAsync(request);
        });
        string line = Assert.Single(lines, static line => line.StartsWith("12 ", StringComparison.Ordinal));
        Assert.Contains("127.0.0.1:", line, StringComparison.Ordinal);
        Assert.Contains($"refused with {status}: ", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Options_of_tls_that_can_never_work_are_refused_when_serving_begins()
    {
        DevelopmentCertificate certificate = DevelopmentCertificate.Create("localhost");
        TlsServerOptions works = certificate.ToServerOptions();
        await RefusedAsync(new TlsServerOptions(), "name no certificate");
        await RefusedAsync(works with { ClientCertificate = ClientCertificateMode.Required }, "which to trust");
        await RefusedAsync(works with { ApplicationProtocols = [SslApplicationProtocol.Http2] }, "speaks HTTP/1.1 alone");
        await RefusedAsync(works with { ApplicationProtocols = [SslApplicationProtocol.Http11, SslApplicationProtocol.Http3] }, "speaks HTTP/1.1 alone");
    }

    private static Task RefusedAsync(TlsServerOptions tls, string message) => InLoop.RunMainAsync(async () =>
    {
        var endpoint = new HttpEndpoint(new IPEndPoint(IPAddress.Loopback, 0)) { Tls = tls };
        ArgumentException refusal = await Assert.ThrowsAsync<ArgumentException>(() => new HttpServer().ServeAsync(endpoint));
        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
    });

    private sealed class DetailLogger(List<string> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Add($"{eventId.Id} {formatter(state, exception)}");
    }
}
