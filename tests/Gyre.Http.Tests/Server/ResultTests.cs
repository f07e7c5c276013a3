using System.Text;
using System.Text.Json;
using Gyre.Http.Protocol;

namespace Gyre.Http.Tests.Server;

/// <summary>Answers of the usual kinds: JSON, sequences, streams, redirects, errors, hints, trailers.</summary>
public sealed class ResultTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private const string Head = "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n";
    private const string GetAndClose = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

    [Theory]
    [InlineData(null, "application/json")]
    [InlineData("application/merge-patch+json", "application/merge-patch+json")]
    public async Task Json_has_its_content_type_unless_another_was_set(string? set, string expected)
    {
        using TestServer server = await StartAsync(context =>
        {
            if (set is not null)
            {
                context.Response.Headers.Set(KnownHeader.ContentType, set);
            }

            context.Response.SendJson(new Person("Zoë", 7), TestJson.Default.Person);
            return default;
        });
        using HttpPeer peer = await server.ConnectAsync();
        for (int i = 0; i < 2; i++)
        {
            Answer answer = await peer.AskAsync(Get);

            Assert.Equal(expected, answer["Content-Type"]);
            Assert.Equal(new Person("Zoë", 7), JsonSerializer.Deserialize(answer.Body, TestJson.Default.Person));
        }
    }

    [Fact]
    public async Task Json_that_cant_be_written_leaves_the_response_to_be_answered_otherwise()
    {
        using TestServer server = await StartAsync(static context =>
        {
            Assert.Throws<JsonException>(() => context.Response.SendJson(new Unwritable(), TestJson.Default.Unwritable));
            Assert.False(context.Response.HasStarted);
            context.Response.SendJson(new Person("b", 2), TestJson.Default.Person);
            return default;
        });
        using HttpPeer peer = await server.ConnectAsync();

        Assert.Contains("\"b\"", (await peer.AskAsync(Get)).Text, StringComparison.Ordinal);
        Assert.Empty(server.Log);
    }

    [Fact]
    public async Task Json_costs_no_more_than_the_serializer_does()
    {
        const int warmUp = 2000;
        const int measured = 500;
        long[] allocated = new long[warmUp + measured];
        int count = 0;
        using TestServer server = await StartAsync(context =>
        {
            allocated[count++] = GC.GetAllocatedBytesForCurrentThread();
            context.Response.SendJson(42, TestJson.Default.Int32);
            return default;
        });
        using HttpPeer peer = await server.ConnectAsync();
        for (int i = 0; i < warmUp + measured; i++)
        {
            Assert.Equal("42", (await peer.AskAsync(Get)).Text);
        }

        // The serializer needs nothing for a number; the clock ticks once a second, and now and then a pool grows.
        Assert.InRange(Enumerable.Range(warmUp, measured - 1).Count(i => allocated[i + 1] != allocated[i]), 0, measured / 50);
    }

    [Theory]
    [InlineData(0, "[]")]
    [InlineData(1, "[0]")]
    [InlineData(3, "[0,1,2]")]
    public async Task A_sequence_is_an_array_in_json(int count, string expected)
    {
        async IAsyncEnumerable<int> Numbers()
        {
            for (int i = 0; i < count; i++)
            {
                await Coroutine.YieldAsync();
                yield return i;
            }
        }

        using TestServer server = await StartAsync(context => context.Response.SendJsonAsync(Numbers(), TestJson.Default.Int32));
        using HttpPeer peer = await server.ConnectAsync();
        for (int i = 0; i < 2; i++)
        {
            Answer answer = await peer.AskAsync(Get);
            Assert.Equal((expected, "application/json"), (answer.Text, answer["Content-Type"]));
        }
    }

    [Fact]
    public async Task A_value_of_a_sequence_is_sent_before_the_next_is_there()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        async IAsyncEnumerable<int> Numbers()
        {
            yield return 1;
            await gate.Task;
            yield return 2;
        }

        using TestServer server = await StartAsync(context => context.Response.SendJsonAsync(Numbers(), TestJson.Default.Int32));
        using HttpPeer peer = await server.ConnectAsync();
        await peer.SendAsync(Get);

        await peer.ReceiveHeadAsync();
        Assert.Equal("2\r\n[1\r\n", Encoding.ASCII.GetString(await peer.ReceiveExactlyAsync(7)));
        gate.SetResult();
        Assert.Equal(",2]", Encoding.ASCII.GetString(await peer.ReceiveChunksAsync()));
    }

    [Fact]
    public async Task A_sequence_that_fails_breaks_the_response()
    {
        static async IAsyncEnumerable<int> Numbers()
        {
            yield return 1;
            await Coroutine.YieldAsync();
            throw new InvalidOperationException("midway");
        }

        using TestServer server = await StartAsync(static context => context.Response.SendJsonAsync(Numbers(), TestJson.Default.Int32));
        using HttpPeer peer = await server.ConnectAsync();
        await peer.SendAsync(Get);

        await peer.ReceiveBreakAsync();
        Assert.Contains("midway", Assert.Single(server.Log), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pieces_are_copied_as_they_come()
    {
        static async IAsyncEnumerable<ReadOnlyMemory<byte>> Pieces()
        {
            byte[] same = new byte[1];
            foreach (byte b in "abc"u8.ToArray())
            {
                same[0] = b;
                yield return same;
                await Coroutine.YieldAsync();
            }
        }

        using TestServer server = await StartAsync(static context => context.Response.SendAsync(Pieces()));
        using HttpPeer peer = await server.ConnectAsync();

        Assert.Equal("abc", (await peer.AskAsync(Get)).Text);
    }

    [Fact]
    public async Task A_stream_is_sent_from_its_position_on_with_a_length_if_it_knows_it()
    {
        byte[] bytes = new byte[100_000];
        new Random(1).NextBytes(bytes);
        using TestServer server = await StartAsync(context => context.Response.SendAsync(new MemoryStream(bytes) { Position = 10 }));
        using HttpPeer peer = await server.ConnectAsync();

        Answer answer = await peer.AskAsync(Get);
        Answer head = await peer.AskAsync(Head, isHead: true);

        Assert.Equal(bytes[10..], answer.Body);
        Assert.Equal(("99990", "application/octet-stream"), (answer["Content-Length"], answer["Content-Type"]));
        Assert.Equal("99990", head["Content-Length"]);
        Assert.Equal(bytes[10..], (await peer.AskAsync(Get)).Body);
    }

    [Fact]
    public async Task A_body_that_is_a_stream_is_sent_back_in_chunks()
    {
        using TestServer server = await StartAsync(static context => context.Response.SendAsync(context.Request.BodyStream));
        using HttpPeer peer = await server.ConnectAsync();
        string body = string.Concat(Enumerable.Range(0, 30_000));

        Answer answer = await peer.PostAsync("/", null, Encoding.ASCII.GetBytes(body));

        Assert.Equal((body, "chunked"), (answer.Text, answer["Transfer-Encoding"]));
    }

    [Theory]
    [InlineData(301, "/a%20b")]
    [InlineData(302, "https://example.org/?a=b#c")]
    [InlineData(303, "../x")]
    [InlineData(307, "/")]
    [InlineData(308, "//host/")]
    public async Task A_redirect_says_where_to(int status, string location)
    {
        using TestServer server = await StartAsync(context =>
        {
            context.Response.Redirect(location, status);
            return default;
        });
        using HttpPeer peer = await server.ConnectAsync();

        Answer answer = await peer.AskAsync(Get);

        Assert.Equal((status, location, ""), (answer.Status, answer["Location"], answer.Text));
    }

    [Theory]
    [InlineData("/a b", "U+0020 at index 2")]
    [InlineData("/a\r\nSet-Cookie: x=y", "U+000D at index 2")]
    [InlineData("/\u00e9", "U+00E9 at index 1")]
    [InlineData("/\0", "U+0000 at index 1")]
    [InlineData("", "empty")]
    public async Task A_redirect_to_what_must_be_encoded_is_refused_and_nothing_is_sent(string location, string reason)
    {
        using TestServer server = await StartAsync(context =>
        {
            string message = Assert.Throws<ArgumentException>(() => context.Response.Redirect(location)).Message;
            Assert.Throws<ArgumentOutOfRangeException>(() => context.Response.Redirect("/", 304));
            Assert.Throws<ArgumentOutOfRangeException>(() => context.Response.SendError(399));
            Assert.Throws<ArgumentOutOfRangeException>(() => context.Response.SendError(600));
            context.Response.Send(message);
            return default;
        });
        using HttpPeer peer = await server.ConnectAsync();

        Answer answer = await peer.AskAsync(Get);

        Assert.Equal(200, answer.Status);
        Assert.Null(answer["Location"]);
        Assert.Contains(reason, answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, null, "text/plain; charset=utf-8", "Not Found")]
    [InlineData(false, "No such user.", "text/plain; charset=utf-8", "No such user.")]
    [InlineData(true, "No such user.", "application/problem+json",
        "{\"type\":\"about:blank\",\"title\":\"Not Found\",\"status\":404,\"detail\":\"No such user.\",\"requestId\":\"r\"}")]
    public async Task An_error_is_text_or_a_problem(bool isProblem, string? detail, string contentType, string body)
    {
        using TestServer server = await StartAsync(context =>
        {
            context.AnswersProblems = isProblem;
            context.RequestId = "r";
            context.Response.SendError(404, detail);
            return default;
        });
        using HttpPeer peer = await server.ConnectAsync();

        Answer answer = await peer.AskAsync(Get);

        Assert.Equal((404, contentType, body), (answer.Status, answer["Content-Type"], answer.Text));
    }

    [Fact]
    public async Task Hints_go_before_the_response()
    {
        using TestServer server = await StartAsync(static async context =>
        {
            await context.Response.SendEarlyHintsAsync("</a.css>; rel=preload; as=style", "</b.js>; rel=preload; as=script");
            await Assert.ThrowsAsync<ArgumentException>(async () => await context.Response.SendEarlyHintsAsync("a\r\nb"));
            context.Response.Send("done");
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await context.Response.SendEarlyHintsAsync("</c>"));
        });
        using HttpPeer peer = await server.ConnectAsync();
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal(
                "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload; as=style\r\nLink: </b.js>; rel=preload; as=script",
                (await peer.AskAsync(Get)).Head);
            Answer answer = await peer.ReceiveAsync();
            Assert.Equal((200, "done"), (answer.Status, answer.Text));
            Assert.Null(answer["Link"]);
        }

        Assert.Equal("done", (await peer.AskAsync("GET / HTTP/1.0\r\n\r\n")).Text);
        Assert.Empty(server.Log);
    }

    [Fact]
    public async Task Trailers_stand_behind_a_body_in_chunks()
    {
        using TestServer server = await StartAsync(static async context =>
        {
            context.Response.Headers.Set(KnownHeader.Trailer, "X-Sum");
            await context.Response.WriteAsync("abc"u8.ToArray());
            context.Response.Trailers.Set("X-Sum", "6");
        });
        using (HttpPeer peer = await server.ConnectAsync())
        {
            await peer.SendAsync(GetAndClose);
            await peer.ReceiveHeadAsync();
            Assert.Equal("3\r\nabc\r\n0\r\nX-Sum: 6\r\n\r\n", Encoding.ASCII.GetString(await peer.ReceiveRestAsync()));
        }

        using HttpPeer old = await server.ConnectAsync();
        Assert.Equal("abc", (await old.AskAsync("GET / HTTP/1.0\r\n\r\n")).Text);
    }

    [Fact]
    public async Task Trailers_are_left_out_behind_a_body_with_a_length_and_dont_outlive_their_response()
    {
        int count = 0;
        using TestServer server = await StartAsync(async context =>
        {
            if (count++ == 0)
            {
                context.Response.ContentLength = 3;
                context.Response.Trailers.Set("X-Sum", "6");
            }

            await context.Response.WriteAsync("abc"u8.ToArray());
        });
        using HttpPeer peer = await server.ConnectAsync();

        Assert.Equal("abc", (await peer.AskAsync(Get)).Text);
        Assert.Equal("abc", (await peer.AskAsync(Get)).Text);
        Assert.Equal("abc", (await peer.AskAsync(Get)).Text);
    }

    [Fact]
    public async Task A_trailer_that_belongs_among_the_headers_breaks_the_response_and_is_logged()
    {
        using TestServer server = await StartAsync(static async context =>
        {
            await context.Response.WriteAsync("abc"u8.ToArray());
            context.Response.Trailers.Set(KnownHeader.ContentType, "text/plain");
        });
        using HttpPeer peer = await server.ConnectAsync();
        await peer.SendAsync(Get);

        await peer.ReceiveBreakAsync();
        Assert.Contains("only allowed among the headers", Assert.Single(server.Log), StringComparison.Ordinal);
    }

    private static Task<TestServer> StartAsync(HttpHandler handler) => TestServer.StartAsync(server => server.Map("/", handler));
}
