namespace Gyre.Http.Tests.Server;

public sealed class FailureTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private const string Hello = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n";

    public static TheoryData<Exception> Failures =>
    [
        new InvalidOperationException("secret"),
        new FileNotFoundException("secret"),
        new TimeoutException("secret"),
        new OperationCanceledException("secret"),
    ];

    [Theory]
    [MemberData(nameof(Failures), DisableDiscoveryEnumeration = true)]
    public async Task A_handler_that_fails_at_once_answers_500_and_the_connection_goes_on(Exception failure)
    {
        using TestServer server = await StartAsync(_ => throw failure);
        await Verify500Async(server, failure);
    }

    [Theory]
    [MemberData(nameof(Failures), DisableDiscoveryEnumeration = true)]
    public async Task A_handler_that_fails_before_it_suspends_answers_500_and_the_connection_goes_on(Exception failure)
    {
        using TestServer server = await StartAsync(_ => ValueTask.FromException(failure));
        await Verify500Async(server, failure);
    }

    [Theory]
    [MemberData(nameof(Failures), DisableDiscoveryEnumeration = true)]
    public async Task A_handler_that_fails_later_answers_500_and_the_connection_goes_on(Exception failure)
    {
        using TestServer server = await StartAsync(async context =>
        {
            context.Response.StatusCode = 201;
            context.Response.Headers.Add("x-half"u8, "done"u8);
            await Coroutine.YieldAsync();
            throw failure;
        });
        await Verify500Async(server, failure);
    }

    [Fact]
    public async Task A_handler_that_fails_after_the_whole_answer_changes_nothing_for_the_peer()
    {
        using TestServer server = await StartAsync(context =>
        {
            context.Response.Send("whole");
            throw new InvalidOperationException("late");
        });
        using HttpPeer peer = await server.ConnectAsync();

        Assert.Equal("whole", (await peer.AskAsync(Get)).Text);
        Assert.Equal("Hello, World!", (await peer.AskAsync(Hello)).Text);
        Assert.Contains("late", Assert.Single(server.Log), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("body")]
    public async Task A_response_that_another_thread_began_in_vain_has_not_started(string body)
    {
        using TestServer server = await StartAsync(async context =>
        {
            await Assert.ThrowsAsync<InvalidOperationException>(() => Task.Run(async () => await context.Response.WriteAsync("x"u8.ToArray())));
            Assert.False(context.Response.HasStarted);
            await Assert.ThrowsAsync<InvalidOperationException>(() => Task.Run(() => context.Response.Send(body)));
            Assert.False(context.Response.HasStarted);
            context.Response.Send("whole");
        });
        using HttpPeer peer = await server.ConnectAsync();

        Assert.Equal("whole", (await peer.AskAsync(Get)).Text);
        Assert.Equal("Hello, World!", (await peer.AskAsync(Hello)).Text);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("1.0")]
    public async Task A_handler_that_fails_within_its_response_breaks_the_connection(string version)
    {
        using TestServer server = await StartAsync(async context =>
        {
            await context.Response.WriteAsync("half"u8.ToArray());
            throw new InvalidOperationException("midway");
        });
        using HttpPeer peer = await server.ConnectAsync();

        await peer.SendAsync($"GET / HTTP/{version}\r\nHost: a\r\n\r\n");

        await peer.ReceiveBreakAsync();
        Assert.Contains("midway", Assert.Single(server.Log), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_handler_that_leaves_a_read_under_way_costs_its_own_connection_only()
    {
        Task? left = null;
        var contexts = new List<HttpContext>();
        using TestServer server = await TestServer.StartAsync(server => server
            .Map("/", context =>
            {
                contexts.Add(context);
                left = context.Request.ReadBodyAsync(new byte[10]).AsTask();
                return default;
            })
            .Get("/hello", context =>
            {
                contexts.Add(context);
                return Handlers.Hello(context);
            }));
        using HttpPeer rude = await server.ConnectAsync();
        using HttpPeer other = await server.ConnectAsync();

        await rude.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n");
        await rude.ReceiveBreakAsync();

        Assert.Equal("Hello, World!", (await other.AskAsync(Hello)).Text);
        await Assert.ThrowsAnyAsync<Exception>(() => left!.OrFail());
        Assert.Contains("was aborted", Assert.Single(server.Log), StringComparison.Ordinal);

        // Nobody else is given the context, so what the handler left can't answer in another's name.
        Assert.NotSame(contexts[0], contexts[1]);
    }

    [Fact]
    public async Task A_log_that_fails_harms_nobody()
    {
        var server = new HttpServer(new HttpServerOptions { Logger = new LineLogger(static _ => throw new InvalidOperationException("the disk is full")) });
        server.Get("/", static _ => throw new InvalidOperationException("on purpose")).Get("/hello", Handlers.Hello);
        await InLoop.RunAsync(server, async endPoint =>
        {
            using HttpPeer peer = await InLoop.ConnectAsync(endPoint);
            Assert.Equal(500, (await peer.AskAsync(Get)).Status);
            Assert.Equal("Hello, World!", (await peer.AskAsync(Hello)).Text);
        });
    }

    [Fact]
    public async Task A_context_that_is_used_after_its_handler_says_so()
    {
        HttpContext? kept = null;
        using TestServer server = await StartAsync(context =>
        {
            kept = context;
            context.Response.Send("kept");
            return default;
        });
        using HttpPeer peer = await server.ConnectAsync();
        await peer.AskAsync(Get);

        string message = await server.OnLoopAsync(() => Assert.Throws<InvalidOperationException>(() => kept!.Response.Send("late")).Message);

        Assert.StartsWith("The response was used after its handler ended", message, StringComparison.Ordinal);
    }

    private static Task<TestServer> StartAsync(HttpHandler handler) =>
        TestServer.StartAsync(server => server.Map("/", handler).Get("/hello", Handlers.Hello));

    private static async Task Verify500Async(TestServer server, Exception failure)
    {
        using HttpPeer peer = await server.ConnectAsync();
        for (int i = 1; i <= 3; i++)
        {
            Answer answer = await peer.AskAsync(Get);

            Assert.Equal(500, answer.Status);
            Assert.Equal("The server failed to answer this request.", answer.Text);
            Assert.Null(answer["x-half"]);
            Assert.Equal(i, server.Log.Count);
            Assert.Contains($"GET /, id loop-0-0000000{i}: {failure.GetType()}", server.Log.Last(), StringComparison.Ordinal);
        }

        Assert.Equal("Hello, World!", (await peer.AskAsync(Hello)).Text);
    }
}
