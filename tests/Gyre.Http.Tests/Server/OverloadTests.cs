using System.Net;

namespace Gyre.Http.Tests.Server;

/// <summary>More requests than a loop may have in flight: one more is told to come again, and costs nobody anything.</summary>
public sealed class OverloadTests
{
    private const string Slow = "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n";
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    private static readonly HttpServerOptions s_options =
        new() { RequestsPerLoopMax = 2, DrainTimeout = TimeSpan.Zero, Logger = LineLogger.Silent };

    [Fact]
    public Task One_request_too_many_is_answered_503_and_the_connection_goes_on() => BusyAsync(async (endPoint, release) =>
    {
        using HttpPeer peer = await InLoop.ConnectAsync(endPoint);
        for (int i = 0; i < 3; i++)
        {
            Answer answer = await peer.AskAsync(Get);
            Assert.Equal(503, answer.Status);
            Assert.Equal("1", answer["Retry-After"]);
            Assert.Null(answer["Connection"]);
            Assert.Equal("The server is busy; try again in a second.", answer.Text);
        }

        Answer head = await peer.AskAsync("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", isHead: true);
        Assert.Equal(503, head.Status);

        await release();

        Answer served = await peer.AskAsync(Get);
        Assert.Equal(200, served.Status);
        Assert.Null(served["Retry-After"]);
    });

    [Fact]
    public Task Health_is_told_whatever_the_load() => BusyAsync(async (endPoint, release) =>
    {
        using HttpPeer peer = await InLoop.ConnectAsync(endPoint);
        Assert.Equal(503, (await peer.AskAsync(Get)).Status);
        Assert.Equal(200, (await peer.AskAsync("GET /inner/health HTTP/1.1\r\nHost: a\r\n\r\n")).Status);
        Assert.Equal(200, (await peer.AskAsync("GET /ready HTTP/1.1\r\nHost: a\r\n\r\n")).Status);
        Assert.Equal(503, (await peer.AskAsync(Get)).Status);
        await release();
    });

    [Fact]
    public Task The_body_of_a_request_too_many_isnt_read_and_never_a_request() => BusyAsync(async (endPoint, release) =>
    {
        using HttpPeer peer = await InLoop.ConnectAsync(endPoint);

        Answer answer = await peer.AskAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n" + Get);

        Assert.Equal(503, answer.Status);
        Assert.Equal("close", answer["Connection"]);
        await peer.ReceiveEndAsync();
        await release();
    });

    [Fact]
    public Task Of_requests_in_one_write_each_is_answered() => BusyAsync(async (endPoint, release) =>
    {
        using HttpPeer peer = await InLoop.ConnectAsync(endPoint);
        await peer.SendAsync(Get + Slow + Get);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(503, (await peer.ReceiveAsync()).Status);
        }

        await release();
    });

    /// <summary>Two requests fill the server while the test runs; the test lets them go.</summary>
    private static async Task BusyAsync(Func<IPEndPoint, Func<Task>, Task> test)
    {
        var gate = new TaskCompletionSource();
        int inside = 0;
        var server = new HttpServer(s_options);
        server.Group("/inner").MapHealth("/health");
        server.MapReady("/ready").Map("/", Handlers.Hello).Get("/slow", async context =>
        {
            inside++;
            await gate.Task;
            context.Response.Send("slow");
        });
        await InLoop.RunAsync(server, FillAsync);
        InLoop.Simulate(server, FillAsync);

        async Task FillAsync(IPEndPoint endPoint)
        {
            gate = new TaskCompletionSource();
            inside = 0;
            using HttpPeer one = await InLoop.ConnectAsync(endPoint);
            using HttpPeer other = await InLoop.ConnectAsync(endPoint);
            await one.SendAsync(Slow);
            await other.SendAsync(Slow);
            while (inside < 2)
            {
                await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(1));
            }

            await test(endPoint, async () =>
            {
                gate.SetResult();
                Assert.Equal("slow", (await one.ReceiveAsync()).Text);
                Assert.Equal("slow", (await other.ReceiveAsync()).Text);
            });
        }
    }
}
