using Gyre.Http.Tests.Server;

namespace Gyre.Http.Tests.Middleware;

public sealed class TimeoutTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(3);

    [Fact]
    public void A_handler_that_is_too_slow_is_answered_for_and_the_connection_goes_on()
    {
        InLoop.Simulate(
            Server(504, static async context =>
            {
                context.Response.Headers.Add("X-Inner", "1");
                await Coroutine.SleepAsync(context.Request.Query == "fast" ? TimeSpan.FromSeconds(2.9) : TimeSpan.FromHours(1));
                context.Response.Send("done"u8);
            }),
            static async endPoint =>
            {
                using HttpPeer peer = await InLoop.ConnectAsync(endPoint);
                TimeSpan begun = EventLoop.Current.Time;
                Answer late = await peer.AskAsync(Get);
                Assert.Equal(504, late.Status);
                Assert.Null(late["X-Inner"]);
                Assert.InRange(EventLoop.Current.Time - begun, s_timeout, s_timeout + TimeSpan.FromMilliseconds(100));
                Assert.Equal("done", (await peer.AskAsync(Get.Replace("/ ", "/?fast ", StringComparison.Ordinal))).Text);
            });
    }

    [Fact]
    public void A_response_that_has_begun_is_broken_off()
    {
        InLoop.Simulate(
            Server(503, static async context =>
            {
                await context.Response.WriteAsync("part"u8.ToArray());
                await Coroutine.SleepAsync(TimeSpan.FromHours(1));
            }),
            static async endPoint =>
            {
                using HttpPeer peer = await InLoop.ConnectAsync(endPoint);
                await peer.SendAsync(Get);
                await Assert.ThrowsAnyAsync<IOException>(() => peer.ReceiveAsync());
            });
    }

    [Fact]
    public void A_body_that_doesnt_come_is_within_the_time()
    {
        InLoop.Simulate(Server(503, static async context => await Handlers.EchoBody(context)), static async endPoint =>
        {
            using HttpPeer peer = await InLoop.ConnectAsync(endPoint);
            Answer answer = await peer.AskAsync("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf");
            Assert.Equal(503, answer.Status);
        });
    }

    [Theory]
    [InlineData(503, 2, "503")]
    [InlineData(504, 2, "504")]
    [InlineData(503, 4, "500")]
    public void An_access_log_within_knows_what_the_client_gets(int status, int seconds, string logged)
    {
        var sink = new ListSink();
        HttpServer server = new HttpServer(new HttpServerOptions { Logger = LineLogger.Silent })
            .UseTimeout(TimeSpan.FromSeconds(3), status)
            .UseAccessLog(new AccessLogOptions { Sink = sink })
            .Get("/", async _ =>
            {
                await Coroutine.SleepAsync(TimeSpan.FromSeconds(5 - seconds));
                await Coroutine.SleepAsync(seconds == 4 ? TimeSpan.Zero : TimeSpan.FromHours(1));
                throw new OperationCanceledException("the handler's own");
            });
        InLoop.Simulate(server, async endPoint =>
        {
            using HttpPeer peer = await InLoop.ConnectAsync(endPoint);
            Assert.Equal(int.Parse(logged, System.Globalization.CultureInfo.InvariantCulture), (await peer.AskAsync(Get)).Status);
            await Coroutine.SleepAsync(TimeSpan.FromSeconds(2));
        });
        Assert.NotEmpty(sink.Lines);
        Assert.All(sink.Lines, line => Assert.Contains($"\" {logged} ", line, StringComparison.Ordinal));
    }

    [Fact]
    public void A_failure_within_the_time_passes_through()
    {
        InLoop.Simulate(Server(503, static async _ =>
        {
            await Coroutine.YieldAsync();
            throw new HttpException(410);
        }), static async endPoint =>
        {
            using HttpPeer peer = await InLoop.ConnectAsync(endPoint);
            Assert.Equal(410, (await peer.AskAsync(Get)).Status);
        });
    }

    [Fact]
    public void Times_and_statuses_that_cant_be_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(static () => new HttpServer().UseTimeout(TimeSpan.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(static () => new HttpServer().UseTimeout(s_timeout, 500));
    }

    private static HttpServer Server(int status, HttpHandler handler) => new HttpServer(new HttpServerOptions { Logger = LineLogger.Silent })
        .UseProblemDetails().UseTimeout(s_timeout, status).Get("/", handler);
}
