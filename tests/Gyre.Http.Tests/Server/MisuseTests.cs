namespace Gyre.Http.Tests.Server;

/// <summary>Handlers that use what they were given in a wrong way: told so, and nobody else notices.</summary>
public sealed class MisuseTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private const string Hello = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n";

    [Fact]
    public async Task A_second_whole_answer_is_refused_and_the_first_stands()
    {
        using TestServer server = await StartAsync(static async context =>
        {
            context.Response.Send("first");
            Assert.Throws<InvalidOperationException>(() => context.Response.Send("second"));
            Assert.Throws<InvalidOperationException>(() => context.Response.SendError(404));
            Assert.Throws<InvalidOperationException>(() => context.Response.Redirect("/elsewhere"));
            await Assert.ThrowsAnyAsync<Exception>(async () => await context.Response.WriteAsync("third"u8.ToArray()));
        });

        await VerifyAnswersAsync(server, "first");
    }

    [Fact]
    public async Task A_whole_answer_behind_a_part_is_refused_and_the_part_goes_on()
    {
        using TestServer server = await StartAsync(static async context =>
        {
            await context.Response.WriteAsync("one "u8.ToArray());
            Assert.Throws<InvalidOperationException>(() => context.Response.Send("whole"));
            await context.Response.WriteAsync("two"u8.ToArray());
        });

        await VerifyAnswersAsync(server, "one two");
    }

    /// <summary>What was written is whole either way; the second wait for room is the mistake.</summary>
    [Fact]
    public async Task Two_writes_at_a_time_are_told_apart()
    {
        const int piece = 8_000_000;
        Exception? refusal = null;
        using TestServer server = await StartAsync(async context =>
        {
            ValueTask first = context.Response.WriteAsync(new byte[piece]);
            refusal = await Record.ExceptionAsync(async () => await context.Response.WriteAsync(new byte[piece]));
            await first;
        });
        using HttpPeer peer = await server.ConnectAsync(receiveBufferBytes: 8192);

        Answer answer = await peer.AskAsync(Get);

        Assert.IsType<InvalidOperationException>(refusal);
        Assert.Equal(2 * piece, answer.Body.Length);
        Assert.Equal("Hello, World!", (await peer.AskAsync(Hello)).Text);
    }

    [Fact]
    public async Task A_flow_that_outlives_its_handler_is_told_so_and_spoils_no_other_answer()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<Exception?>? late = null;
        using TestServer server = await StartAsync(context =>
        {
            late = Record.ExceptionAsync(async () =>
            {
                await gate.Task;
                context.Response.Send("late");
            }).AsTask();
            context.Response.Send("in time");
            return default;
        });
        using HttpPeer peer = await server.ConnectAsync();
        Assert.Equal("in time", (await peer.AskAsync(Get)).Text);

        gate.SetResult();

        InvalidOperationException refusal = Assert.IsType<InvalidOperationException>(await late!.OrFail());
        Assert.StartsWith("The response was used after its handler ended", refusal.Message, StringComparison.Ordinal);
        Assert.Equal("Hello, World!", (await peer.AskAsync(Hello)).Text);
    }

    [Fact]
    public async Task A_child_that_fails_in_its_group_fails_the_request_alone()
    {
        using TestServer server = await StartAsync(static context => new ValueTask(TaskGroup.RunAsync(group =>
        {
            group.Spawn(static async () =>
            {
                await Coroutine.YieldAsync();
                throw new InvalidDataException("the child");
            });
            return Task.CompletedTask;
        })));
        using HttpPeer peer = await server.ConnectAsync();

        Assert.Equal(500, (await peer.AskAsync(Get)).Status);
        Assert.Equal("Hello, World!", (await peer.AskAsync(Hello)).Text);
        Assert.Contains("the child", Assert.Single(server.Log), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/\r\nX: y")]
    [InlineData("/\n")]
    [InlineData("/\0")]
    [InlineData("/a b")]
    [InlineData("/ä")]
    public async Task What_would_begin_a_line_of_its_own_is_refused_and_not_sent(string text)
    {
        using TestServer server = await StartAsync(async context =>
        {
            Assert.Throws<ArgumentException>(() => context.Response.Redirect(text));
            if (text.AsSpan().ContainsAny('\r', '\n', '\0'))
            {
                Assert.ThrowsAny<ArgumentException>(() => context.Response.Headers.Add("X-Value", text));
                Assert.ThrowsAny<ArgumentException>(() => context.Response.Trailers.Add("X-Value", text));
                await Assert.ThrowsAnyAsync<ArgumentException>(async () => await context.Response.SendEarlyHintsAsync(text));
            }

            Assert.ThrowsAny<ArgumentException>(() => context.Response.Headers.Add(text, "value"));
            context.Response.Send("clean");
        });
        using HttpPeer peer = await server.ConnectAsync();

        Answer answer = await peer.AskAsync(Get);

        Assert.Equal("clean", answer.Text);
        Assert.DoesNotContain(answer.Lines, static line => line.StartsWith('X') || line.StartsWith("Location", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_preface_of_http_2_is_answered_505_and_closed()
    {
        using TestServer server = await StartAsync(Handlers.Hello);
        using HttpPeer peer = await server.ConnectAsync();
        await peer.SendAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\u0012\u0004\0\0\0\0\0");

        Answer answer = await peer.ReceiveAsync();

        Assert.Equal(505, answer.Status);
        Assert.Equal("close", answer["Connection"]);
        await peer.ReceiveEndAsync();
    }

    /// <summary>The first record has no line's end, so the peer waited until the head's time was up.</summary>
    [Fact]
    public async Task Tls_to_the_plain_port_is_told_so_at_once()
    {
        using TestServer server = await StartAsync(Handlers.Hello);
        using HttpPeer peer = await server.ConnectAsync();
        await peer.SendAsync(new byte[] { 0x16, 0x03, 0x01, 0x00, 0xC8, 0x01, 0x00, 0x00, 0xC4, 0x03, 0x03 });

        Answer answer = await peer.ReceiveAsync();

        Assert.Equal(400, answer.Status);
        Assert.StartsWith("This looks like TLS; this port speaks plain HTTP", answer.Text, StringComparison.Ordinal);
        await peer.ReceiveEndAsync();
    }

    private static Task<TestServer> StartAsync(HttpHandler handler) =>
        TestServer.StartAsync(server => server.Map("/", handler).Get("/hello", Handlers.Hello));

    private static async Task VerifyAnswersAsync(TestServer server, string text)
    {
        using HttpPeer peer = await server.ConnectAsync();
        Assert.Equal(text, (await peer.AskAsync(Get)).Text);
        Assert.Equal("Hello, World!", (await peer.AskAsync(Hello)).Text);
        Assert.Empty(server.Log);
    }
}
