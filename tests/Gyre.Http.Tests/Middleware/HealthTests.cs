using Gyre.Http.Tests.Server;

namespace Gyre.Http.Tests.Middleware;

public sealed class HealthTests
{
    private const string Health = "GET /health HTTP/1.1\r\nHost: a\r\n\r\n";
    private const string Ready = "GET /ready HTTP/1.1\r\nHost: a\r\n\r\n";

    [Fact]
    public async Task Without_checks_a_server_that_answers_is_well()
    {
        using TestServer server = await TestServer.StartAsync(static server => server.MapHealth("/health").MapReady("/ready"));
        using HttpPeer peer = await server.ConnectAsync();
        Assert.Equal("healthy", (await peer.AskAsync(Health)).Text);
        Answer ready = await peer.AskAsync(Ready);
        Assert.Equal("ready", ready.Text);
        Assert.Equal("no-store", ready["Cache-Control"]);
    }

    [Fact]
    public void Checks_run_side_by_side_and_one_that_hangs_is_a_no()
    {
        HttpServer server = new HttpServer(new HttpServerOptions { Logger = LineLogger.Silent }).MapHealth(
            "/health",
            new HealthCheck("slow", static async () =>
            {
                await Coroutine.SleepAsync(TimeSpan.FromSeconds(1.5));
                return true;
            }),
            new HealthCheck("hangs", static async () =>
            {
                await Coroutine.SleepAsync(TimeSpan.FromHours(1));
                return true;
            }),
            new HealthCheck("throws", static () => throw new IOException("secret")),
            new HealthCheck("no", static () => new ValueTask<bool>(false)));
        InLoop.Simulate(server, static async endPoint =>
        {
            using HttpPeer peer = await InLoop.ConnectAsync(endPoint);
            TimeSpan begun = EventLoop.Current.Time;
            Answer answer = await peer.AskAsync(Health.Replace("Host", "Accept: application/json\r\nHost", StringComparison.Ordinal));
            Assert.Equal(503, answer.Status);
            Assert.Equal("""{"status":"not healthy","checks":{"slow":true,"hangs":false,"throws":false,"no":false}}""", answer.Text);
            Assert.InRange(EventLoop.Current.Time - begun, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2.1));
            Assert.Equal("not healthy", (await peer.AskAsync(Health)).Text);
        });
    }

    [Fact]
    public async Task A_server_that_is_told_to_end_is_well_but_not_ready()
    {
        HttpServer? told = null;
        using TestServer server = await TestServer.StartAsync(server => told = server.MapHealth("/health").MapReady("/ready"));
        using HttpPeer peer = await server.ConnectAsync();
        Assert.Equal(200, (await peer.AskAsync(Ready)).Status);
        told!.TurnUnready();
        Assert.Equal(503, (await peer.AskAsync(Ready)).Status);
        Assert.Equal(200, (await peer.AskAsync(Health)).Status);
    }

    [Fact]
    public async Task Careful_headers_are_on_every_response_and_encryption_is_demanded_over_https_alone()
    {
        using TestServer server = await TestServer.StartAsync(static server => server
            .UseForwardedHeaders()
            .UseSecurityHeaders(new SecurityHeadersOptions { HstsMaxAge = TimeSpan.FromDays(1), HstsIncludesSubDomains = true })
            .UseProblemDetails());
        using HttpPeer peer = await server.ConnectAsync();
        Answer plain = await peer.AskAsync(Health);
        Answer secure = await peer.AskAsync(Health.Replace("Host", "X-Forwarded-Proto: https\r\nHost", StringComparison.Ordinal));
        Assert.Equal("nosniff", plain["X-Content-Type-Options"]);
        Assert.Null(plain["Strict-Transport-Security"]);
        Assert.Equal("max-age=86400; includeSubDomains", secure["Strict-Transport-Security"]);
    }
}
