using Gyre.Http.Protocol;

namespace Gyre.Http.Tests.Server;

public sealed class RequestBodyTests
{
    private const string Get = "GET /after HTTP/1.1\r\nHost: a\r\n\r\n";

    [Theory]
    [InlineData("Content-Length: 5\r\n\r\nhello")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n2;x=y\r\nhe\r\n3\r\nllo\r\n000\r\nX-Sum: 1\r\n\r\n")]
    public async Task A_body_is_read_however_it_is_framed_and_split(string framed)
    {
        using TestServer server = await StartAsync();
        using HttpPeer peer = await server.ConnectAsync();
        string request = $"POST / HTTP/1.1\r\nHost: a\r\n{framed}";

        Assert.Equal("5:hello", (await peer.AskAsync(request)).Text);
        foreach (char c in request)
        {
            await peer.SendAsync(c.ToString());
        }

        Assert.Equal("5:hello", (await peer.ReceiveAsync()).Text);
        Assert.Equal("/after?", (await peer.AskAsync(Get)).Text);
    }

    [Fact]
    public async Task A_body_of_megabytes_is_read_in_pieces()
    {
        const int bytes = 4_000_000;
        using TestServer server = await TestServer.StartAsync(server => server.Map("/", async context =>
        {
            long count = 0;
            byte[] piece = new byte[10_000];
            for (int read; (read = await context.Request.ReadBodyAsync(piece)) > 0;)
            {
                count += piece.AsSpan(0, read).Count((byte)'x');
            }

            context.Response.Send($"{count}");
        }));
        using HttpPeer peer = await server.ConnectAsync();

        Task sending = peer.SendAsync($"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {bytes}\r\n\r\n{new string('x', bytes)}");

        Assert.Equal($"{bytes}", (await peer.ReceiveAsync()).Text);
        await sending;
    }

    [Fact]
    public async Task Trailers_are_there_after_the_end()
    {
        using TestServer server = await TestServer.StartAsync(server => server.Map("/", async context =>
        {
            await Handlers.ReadTextAsync(context);
            FieldSection trailers = context.Request.Trailers;
            context.Response.Send(trailers.TryGetValue("x-sum"u8, out ReadOnlySpan<byte> sum) ? sum : "none"u8);
        }));
        using HttpPeer peer = await server.ConnectAsync();

        Answer answer = await peer.AskAsync(
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-Sum: 42\r\n\r\n");

        Assert.Equal("42", answer.Text);
    }

    [Fact]
    public async Task Continue_is_sent_once_and_when_the_body_is_read()
    {
        using TestServer server = await StartAsync();
        using HttpPeer peer = await server.ConnectAsync();
        for (int i = 0; i < 2; i++)
        {
            await peer.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 6\r\n\r\n");
            Assert.Equal("HTTP/1.1 100 Continue", await peer.ReceiveHeadAsync());

            await peer.SendAsync("abc");
            await peer.SendAsync("def");
            Answer answer = await peer.ReceiveAsync();

            Assert.Equal("6:abcdef", answer.Text);
            Assert.Null(answer["Connection"]);
        }
    }

    [Theory]
    [InlineData("/unread")]
    [InlineData("/unread-pieces")]
    public async Task Continue_isnt_sent_for_a_body_that_nobody_reads_and_the_connection_ends(string path)
    {
        using TestServer server = await StartAsync();
        using HttpPeer peer = await server.ConnectAsync();

        Answer answer = await peer.AskAsync(
            $"POST {path} HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 6\r\n\r\n");

        Assert.Equal(200, answer.Status);
        Assert.Equal("close", answer["Connection"]);
        await peer.ReceiveEndAsync();
    }

    [Fact]
    public async Task Continue_isnt_sent_for_a_body_that_is_too_large()
    {
        var options = new HttpServerOptions { Limits = new HttpLimits { BodyBytesMax = 10 } };
        using TestServer server = await StartAsync(options);
        using HttpPeer peer = await server.ConnectAsync();

        Answer answer = await peer.AskAsync("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 11\r\n\r\n");

        Assert.Equal(413, answer.Status);
        await peer.ReceiveEndAsync();
    }

    [Theory]
    [InlineData("/unread")]
    [InlineData("/unread-pieces")]
    [InlineData("/part")]
    [InlineData("/suspends")]
    [InlineData("/fails")]
    public async Task What_a_handler_leaves_of_a_body_is_dropped_and_the_connection_goes_on(string path)
    {
        using TestServer server = await StartAsync();
        using HttpPeer peer = await server.ConnectAsync();
        string body = new('x', 100_000);
        foreach (string framed in new[] { $"Content-Length: 100000\r\n\r\n{body}", $"Transfer-Encoding: chunked\r\n\r\n186a0\r\n{body}\r\n0\r\n\r\n" })
        {
            Task sending = peer.SendAsync($"POST {path} HTTP/1.1\r\nHost: a\r\n{framed}");
            Answer answer = await peer.ReceiveAsync();
            await sending;

            Assert.Equal(path == "/fails" ? 500 : 200, answer.Status);
            Assert.Equal("/after?", (await peer.AskAsync(Get)).Text);
        }
    }

    [Theory]
    [InlineData(1000, true)]
    [InlineData(1001, false)]
    public async Task A_body_is_dropped_up_to_the_limit_exactly(int bytes, bool goesOn)
    {
        using TestServer server = await StartAsync(new HttpServerOptions { DrainBytesMax = 1000 });
        using HttpPeer peer = await server.ConnectAsync();
        await peer.SendAsync($"POST /unread HTTP/1.1\r\nHost: a\r\nContent-Length: {bytes}\r\n\r\n");
        Assert.Equal(200, (await peer.ReceiveAsync()).Status);

        await peer.SendAsFarAsPossibleAsync(System.Text.Encoding.ASCII.GetBytes(new string('x', bytes) + Get));

        if (goesOn)
        {
            Assert.Equal("/after?", (await peer.ReceiveAsync()).Text);
        }
        else
        {
            await ExpectNoAnswerAsync(peer);
        }
    }

    [Fact]
    public async Task Beyond_the_limit_the_rest_of_a_body_is_never_read_as_a_request()
    {
        using TestServer server = await StartAsync(new HttpServerOptions { DrainBytesMax = 100 });
        using HttpPeer peer = await server.ConnectAsync();
        string smuggled = string.Concat(Enumerable.Repeat(Get, 10_000));

        Task sending = peer.SendAsFarAsPossibleAsync(System.Text.Encoding.ASCII.GetBytes(
            $"POST /unread HTTP/1.1\r\nHost: a\r\nContent-Length: {smuggled.Length}\r\n\r\n{smuggled}"));

        Assert.Equal(200, (await peer.ReceiveAsync()).Status);
        await ExpectNoAnswerAsync(peer);
        await sending;
    }

    [Theory]
    [InlineData("Content-Length: 10\r\n\r\nabc")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5\r\nabc")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n")]
    public async Task A_handler_learns_that_a_body_was_cut_short(string cut)
    {
        var failed = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        using TestServer server = await TestServer.StartAsync(server => server.Map("/", async context =>
        {
            try
            {
                await Handlers.ReadTextAsync(context);
            }
            catch (Exception failure)
            {
                failed.SetResult(failure);
                throw;
            }
        }));
        using HttpPeer peer = await server.ConnectAsync();

        await peer.SendAsync($"POST / HTTP/1.1\r\nHost: a\r\n{cut}");
        peer.EndSending();

        Assert.Equal(ProtocolFault.Incomplete, Assert.IsType<RemoteProtocolException>(await failed.Task.OrFail()).Error.Fault);
        Assert.Equal(400, (await peer.ReceiveAsync()).Status);
        await peer.ReceiveEndAsync();
        Assert.Empty(server.Log);
    }

    [Fact]
    public async Task A_handler_learns_that_the_connection_broke_within_a_body()
    {
        var failed = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        using TestServer server = await TestServer.StartAsync(server => server.Map("/", async context =>
        {
            try
            {
                await Handlers.ReadTextAsync(context);
            }
            catch (Exception failure)
            {
                failed.SetResult(failure);
                throw;
            }
        }));
        HttpPeer peer = await server.ConnectAsync();

        await peer.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 10\r\n\r\n");
        await peer.ReceiveHeadAsync();
        peer.Reset();

        Assert.IsType<IOException>(await failed.Task.OrFail());
        server.Stop();
        Assert.Empty(server.Log);
    }

    [Theory]
    [InlineData("x\r\n", 400)]
    [InlineData("3\r\nabcde", 400)]
    [InlineData("3\nabc", 400)]
    [InlineData("ffffffffffffffff\r\n", 400)]
    [InlineData("fffffff\r\n", 413)]
    [InlineData("1\r\na\r\n0\r\nContent-Length: 3\r\n\r\n", 400)]
    public async Task A_malformed_chunk_is_answered_and_the_connection_ends(string chunks, int status)
    {
        using TestServer server = await StartAsync();
        using HttpPeer peer = await server.ConnectAsync();

        Answer answer = await peer.AskAsync($"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}");

        Assert.Equal(status, answer.Status);
        Assert.Equal("close", answer["Connection"]);
        await peer.ReceiveEndAsync();
        Assert.Empty(server.Log);
    }

    [Fact]
    public async Task A_malformed_chunk_after_the_head_was_sent_breaks_the_response()
    {
        using TestServer server = await TestServer.StartAsync(server => server.Map("/", async context =>
        {
            await context.Response.WriteAsync("begun"u8.ToArray());
            await Handlers.ReadTextAsync(context);
        }));
        using HttpPeer peer = await server.ConnectAsync();

        await peer.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200", await peer.ReceiveHeadAsync(), StringComparison.Ordinal);
        await peer.SendAsync("zzz\r\n");

        await peer.ReceiveBreakAsync();
        Assert.Empty(server.Log);
    }

    [Fact]
    public async Task A_handler_may_read_and_write_at_the_same_time()
    {
        using TestServer server = await TestServer.StartAsync(server => server.Map("/", async context =>
        {
            byte[] piece = new byte[1000];
            for (int read; (read = await context.Request.ReadBodyAsync(piece)) > 0;)
            {
                await context.Response.WriteAsync(piece.AsMemory(0, read));
            }
        }));
        using HttpPeer peer = await server.ConnectAsync();
        string body = string.Concat(Enumerable.Range(0, 100_000));

        Task sending = peer.SendAsync($"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {body.Length}\r\n\r\n{body}");

        Assert.Equal(body, (await peer.ReceiveAsync()).Text);
        await sending;
    }

    [Fact]
    public async Task An_empty_destination_is_refused_with_a_reason()
    {
        using TestServer server = await TestServer.StartAsync(server => server.Map("/", async context =>
        {
            ArgumentException refusal = await Assert.ThrowsAsync<ArgumentException>(
                async () => await context.Request.ReadBodyAsync(Memory<byte>.Empty));
            context.Response.Send(refusal.Message);
        }));
        using HttpPeer peer = await server.ConnectAsync();

        Assert.StartsWith("Body bytes need room", (await peer.AskAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n")).Text, StringComparison.Ordinal);
    }

    private static Task<TestServer> StartAsync(HttpServerOptions? options = null) => TestServer.StartAsync(
        server => server
            .Map("/", Handlers.EchoBody)
            .Map("/unread", Handlers.Hello)
            .Map("/unread-pieces", context => context.Response.WriteAsync("piece"u8.ToArray()))
            .Map("/part", async context =>
            {
                await context.Request.ReadBodyAsync(new byte[10]);
                context.Response.Send("part");
            })
            .Map("/suspends", async context =>
            {
                await Coroutine.YieldAsync();
                context.Response.Send("suspended");
            })
            .Map("/fails", static _ => throw new InvalidOperationException("on purpose"))
            .Default(Handlers.Echo),
        options);

    /// <summary>The connection ends, in order or with a reset, and nothing is said any more.</summary>
    private static async Task ExpectNoAnswerAsync(HttpPeer peer)
    {
        try
        {
            await peer.ReceiveEndAsync();
        }
        catch (IOException)
        {
            // A reset: more was sent than the server was willing to drop.
        }
    }
}
