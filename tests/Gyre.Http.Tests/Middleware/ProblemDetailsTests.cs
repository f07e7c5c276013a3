using System.Text.Json;
using Gyre.Http.Tests.Server;

namespace Gyre.Http.Tests.Middleware;

public sealed class ProblemDetailsTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    [Fact]
    public async Task A_failure_is_a_problem_without_its_detail_and_is_logged()
    {
        using TestServer server = await StartAsync(static _ => throw new InvalidOperationException("secret"));
        using HttpPeer peer = await server.ConnectAsync();

        Answer answer = await peer.AskAsync(Get);

        Assert.Equal(500, answer.Status);
        Assert.Equal("application/problem+json", answer["Content-Type"]);
        Assert.Equal("Internal Server Error", Member(answer, "title"));
        Assert.DoesNotContain("secret", answer.Text, StringComparison.Ordinal);
        Assert.Contains(server.Log, static line => line.Contains("secret", StringComparison.Ordinal));
        Assert.Equal(500, (await peer.AskAsync(Get)).Status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_time_out_of_somebody_elses_is_a_failure_like_any_other(bool suspends)
    {
        using TestServer server = await StartAsync(async _ =>
        {
            await (suspends ? Coroutine.YieldAsync() : default);
            throw new TaskCanceledException("the request was cancelled by its own time-out");
        });
        using HttpPeer peer = await server.ConnectAsync();

        Answer answer = await peer.AskAsync(Get);

        Assert.Equal((500, "application/problem+json"), (answer.Status, answer["Content-Type"]));
        Assert.Equal(500, (await peer.AskAsync(Get)).Status);
    }

    [Fact]
    public async Task In_development_a_problem_shows_the_exception()
    {
        using TestServer server = await StartAsync(
            static _ => throw new InvalidOperationException("secret"), new ProblemDetailsOptions { IncludeExceptions = true });
        using HttpPeer peer = await server.ConnectAsync();

        Assert.Contains("secret", Member(await peer.AskAsync(Get), "exception"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_exception_with_a_status_is_answered_with_it(bool withMiddleware)
    {
        using TestServer server = await TestServer.StartAsync(server =>
        {
            if (withMiddleware)
            {
                server.UseProblemDetails();
            }

            server.Get("/", static async context =>
            {
                context.Response.Headers.Add("X-Inner", "1");
                await Coroutine.YieldAsync();
                throw new HttpException(409, "It was changed meanwhile.");
            });
        });
        using HttpPeer peer = await server.ConnectAsync();

        Answer answer = await peer.AskAsync(Get);

        Assert.Equal(409, answer.Status);
        Assert.Contains("It was changed meanwhile.", answer.Text, StringComparison.Ordinal);
        Assert.Null(answer["X-Inner"]);
        Assert.Empty(server.Log);
    }

    [Fact]
    public async Task Errors_that_are_sent_and_routes_that_are_missing_are_problems_too()
    {
        using TestServer server = await StartAsync(static context =>
        {
            context.Response.SendError(403, "Not yours.");
            return default;
        });
        using HttpPeer peer = await server.ConnectAsync();

        Assert.Equal("Not yours.", Member(await peer.AskAsync(Get), "detail"));
        Assert.Equal("application/problem+json", (await peer.AskAsync(Get.Replace("/ ", "/none ", StringComparison.Ordinal)))["Content-Type"]);
    }

    [Fact]
    public async Task Headers_of_middleware_around_stay()
    {
        using TestServer server = await TestServer.StartAsync(static server => server
            .UseRequestId(new RequestIdOptions { Prefix = "p" })
            .UseProblemDetails()
            .Get("/", static context =>
            {
                context.Response.Headers.Add("X-Inner", "1");
                throw new InvalidOperationException();
            }));
        using HttpPeer peer = await server.ConnectAsync();

        Answer answer = await peer.AskAsync(Get);

        Assert.Equal(Member(answer, "requestId"), answer["X-Request-Id"]);
        Assert.StartsWith("p-", answer["X-Request-Id"], StringComparison.Ordinal);
        Assert.Null(answer["X-Inner"]);
    }

    [Fact]
    public async Task A_body_that_breaks_the_protocol_keeps_its_status_and_ends_the_connection()
    {
        using TestServer server = await TestServer.StartAsync(static server => server.UseProblemDetails().Post("/", Handlers.EchoBody));
        using HttpPeer peer = await server.ConnectAsync();

        Answer answer = await peer.AskAsync("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");

        Assert.Equal(400, answer.Status);
        Assert.Equal("close", answer["Connection"]);
        Assert.Equal("application/problem+json", answer["Content-Type"]);
        await peer.ReceiveEndAsync();
        Assert.Empty(server.Log);
    }

    [Fact]
    public async Task A_failure_behind_the_beginning_of_the_response_breaks_the_connection()
    {
        using TestServer server = await StartAsync(static async context =>
        {
            await context.Response.WriteAsync("part"u8.ToArray());
            throw new InvalidOperationException();
        });
        using HttpPeer peer = await server.ConnectAsync();

        await peer.SendAsync(Get);
        await Assert.ThrowsAnyAsync<IOException>(() => peer.ReceiveAsync());
    }

    private static Task<TestServer> StartAsync(HttpHandler handler, ProblemDetailsOptions? options = null) =>
        TestServer.StartAsync(server => server.UseProblemDetails(options).Get("/", handler));

    private static string? Member(Answer answer, string name)
    {
        using JsonDocument json = JsonDocument.Parse(answer.Body);
        return json.RootElement.GetProperty(name).GetString();
    }
}
