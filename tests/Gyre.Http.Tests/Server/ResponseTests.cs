using System.Text;
using Gyre.Http.Protocol;

namespace Gyre.Http.Tests.Server;

public sealed class ResponseTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private const string Head = "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n";

    [Fact]
    public async Task A_body_without_a_length_goes_out_in_chunks()
    {
        using TestServer server = await StartAsync(async context =>
        {
            await context.Response.WriteAsync("one, "u8.ToArray());
            await Coroutine.YieldAsync();
            await context.Response.WriteAsync("two"u8.ToArray());
        });
        using HttpPeer peer = await server.ConnectAsync();

        Answer answer = await peer.AskAsync(Get);

        Assert.Equal("chunked", answer["Transfer-Encoding"]);
        Assert.Null(answer["Content-Length"]);
        Assert.Equal("one, two", answer.Text);
        Assert.Equal("one, two", (await peer.AskAsync(Get)).Text);
    }

    [Fact]
    public async Task A_body_with_a_length_goes_out_as_it_is()
    {
        using TestServer server = await StartAsync(async context =>
        {
            context.Response.ContentLength = 8;
            await context.Response.WriteAsync("one, "u8.ToArray());
            await context.Response.WriteAsync("two"u8.ToArray());
        });
        using HttpPeer peer = await server.ConnectAsync();

        Answer answer = await peer.AskAsync(Get);

        Assert.Equal("8", answer["Content-Length"]);
        Assert.Equal("one, two", answer.Text);
        Assert.Equal("one, two", (await peer.AskAsync(Get)).Text);
    }

    [Fact]
    public async Task Asked_for_late_the_end_of_the_connection_still_comes()
    {
        using TestServer server = await StartAsync(async context =>
        {
            await context.Response.WriteAsync("one"u8.ToArray());
            context.Response.Close = true;
        });
        using HttpPeer peer = await server.ConnectAsync();

        Answer answer = await peer.AskAsync(Get);

        Assert.Equal("one", answer.Text);
        await peer.ReceiveEndAsync();
    }

    [Fact]
    public async Task To_http_1_0_a_body_without_a_length_ends_with_the_connection()
    {
        using TestServer server = await StartAsync(async context =>
        {
            await context.Response.WriteAsync("one, "u8.ToArray());
            await context.Response.WriteAsync("two"u8.ToArray());
        });
        using HttpPeer peer = await server.ConnectAsync();

        Answer answer = await peer.AskAsync("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");

        Assert.Null(answer["Transfer-Encoding"]);
        Assert.Equal("close", answer["Connection"]);
        Assert.Equal("one, two", answer.Text);
    }

    [Theory]
    [InlineData(204)]
    [InlineData(304)]
    public async Task Statuses_without_a_body_have_none_whatever_the_handler_does(int status)
    {
        int variant = 0;
        using TestServer server = await StartAsync(async context =>
        {
            context.Response.StatusCode = status;
            switch (variant++)
            {
                case 0:
                    context.Response.Send("dropped");
                    break;
                case 1:
                    await context.Response.WriteAsync("dropped"u8.ToArray());
                    break;
            }
        });
        using HttpPeer peer = await server.ConnectAsync();
        for (int i = 0; i < 3; i++)
        {
            Answer answer = await peer.AskAsync(Get);

            Assert.Equal(status, answer.Status);
            Assert.Null(answer["Content-Length"]);
            Assert.Null(answer["Transfer-Encoding"]);
        }
    }

    [Fact]
    public async Task A_handler_that_writes_nothing_gives_an_empty_answer()
    {
        using TestServer server = await StartAsync(static _ => default);
        using HttpPeer peer = await server.ConnectAsync();

        Answer answer = await peer.AskAsync(Get);

        Assert.Equal(200, answer.Status);
        Assert.Equal("0", answer["Content-Length"]);
        Assert.Equal(200, (await peer.AskAsync(Get)).Status);
    }

    [Fact]
    public async Task A_head_request_tells_the_length_that_the_handler_declared_without_writing()
    {
        using TestServer server = await StartAsync(static context =>
        {
            context.Response.ContentLength = 1234;
            return default;
        });
        using HttpPeer peer = await server.ConnectAsync();

        Assert.Equal("1234", (await peer.AskAsync(Head, isHead: true))["Content-Length"]);
        Assert.Equal("1234", (await peer.AskAsync(Head, isHead: true))["Content-Length"]);
    }

    [Fact]
    public async Task A_head_request_is_told_no_length_that_was_made_up()
    {
        using TestServer server = await StartAsync(static _ => default);
        using HttpPeer peer = await server.ConnectAsync();

        Assert.Null((await peer.AskAsync(Head, isHead: true))["Content-Length"]);
        Assert.Equal("0", (await peer.AskAsync(Get))["Content-Length"]);
    }

    [Fact]
    public async Task Writing_more_than_the_length_throws_and_what_was_written_stands()
    {
        using TestServer server = await StartAsync(async context =>
        {
            context.Response.ContentLength = 3;
            await context.Response.WriteAsync("abc"u8.ToArray());
            await Assert.ThrowsAsync<LocalProtocolException>(async () => await context.Response.WriteAsync("d"u8.ToArray()));
        });
        using HttpPeer peer = await server.ConnectAsync();

        Assert.Equal("abc", (await peer.AskAsync(Get)).Text);
        Assert.Empty(server.Log);
    }

    [Theory]
    [InlineData("ab")]
    [InlineData("")]
    public async Task Writing_less_than_the_length_breaks_the_connection(string written)
    {
        using TestServer server = await StartAsync(async context =>
        {
            context.Response.ContentLength = 3;
            if (written.Length > 0)
            {
                await context.Response.WriteAsync(Encoding.ASCII.GetBytes(written));
            }
        });
        using HttpPeer peer = await server.ConnectAsync();

        await peer.SendAsync(Get);

        await peer.ReceiveBreakAsync();
        Assert.Contains($"promised a body of 3 bytes and wrote {written.Length}", Assert.Single(server.Log), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_large_response_to_a_slow_reader_waits_for_it_in_bounded_memory()
    {
        const int pieces = 430;
        byte[] piece = new byte[48 * 1024];
        int rentedMost = 0;
        using TestServer server = await StartAsync(async context =>
        {
            context.Response.ContentLength = pieces * piece.Length;
            for (int i = 0; i < pieces; i++)
            {
                piece.AsSpan().Fill((byte)i);
                await context.Response.WriteAsync(piece);
                rentedMost = Math.Max(rentedMost, EventLoop.Current.Statistics.BuffersRented);
            }
        });
        using HttpPeer peer = await server.ConnectAsync(receiveBufferBytes: 8192);

        await peer.SendAsync(Get);
        Assert.StartsWith("HTTP/1.1 200", await peer.ReceiveHeadAsync(), StringComparison.Ordinal);
        for (int i = 0; i < pieces; i++)
        {
            byte[] received = await peer.ReceiveExactlyAsync(piece.Length);
            Assert.Equal(-1, received.AsSpan().IndexOfAnyExcept((byte)i));
        }

        // What a flush lets wait, and a piece more, in blocks of 4 KiB.
        Assert.InRange(rentedMost, 1, 64);
    }

    [Fact]
    public async Task A_large_whole_body_arrives_unharmed_and_the_connection_goes_on()
    {
        byte[] body = new byte[3_000_000];
        new Random(1).NextBytes(body);
        using TestServer server = await StartAsync(context =>
        {
            context.Response.Send(body);
            return default;
        });
        using HttpPeer peer = await server.ConnectAsync();
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(body, (await peer.AskAsync(Get)).Body);
        }
    }

    [Fact]
    public async Task Handlers_on_many_connections_are_suspended_together()
    {
        const int connections = 100;
        int inside = 0;
        int mostInside = 0;
        using TestServer server = await StartAsync(async context =>
        {
            mostInside = Math.Max(mostInside, ++inside);
            while (mostInside < connections)
            {
                await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(1));
            }

            inside--;
            context.Response.Send("together");
        });
        HttpPeer[] peers = await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => server.ConnectAsync()));

        Answer[] answers = await Task.WhenAll(peers.Select(peer => peer.AskAsync(Get)));

        Assert.All(answers, answer => Assert.Equal("together", answer.Text));
        Assert.All(peers, peer => peer.Dispose());
    }

    [Fact]
    public async Task A_handler_closes_the_connection_after_its_response()
    {
        using TestServer server = await StartAsync(context =>
        {
            context.Response.Close = true;
            context.Response.Send("bye");
            return default;
        });
        using HttpPeer peer = await server.ConnectAsync();

        Answer answer = await peer.AskAsync(Get + Get);

        Assert.Equal("bye", answer.Text);
        Assert.Equal("close", answer["Connection"]);
        await peer.ReceiveEndAsync();
    }

    [Fact]
    public async Task A_status_that_is_not_final_is_refused_where_it_is_set()
    {
        using TestServer server = await StartAsync(context =>
        {
            ArgumentOutOfRangeException refusal = Assert.Throws<ArgumentOutOfRangeException>(() => context.Response.StatusCode = 150);
            context.Response.Send(refusal.Message);
            return default;
        });
        using HttpPeer peer = await server.ConnectAsync();

        Assert.StartsWith("The status of a response is from 200 to 599, or 101.", (await peer.AskAsync(Get)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Headers_are_refused_once_the_head_was_sent()
    {
        using TestServer server = await TestServer.StartAsync(static server => server
            .Get("/whole", static context =>
            {
                context.Response.Send("whole"u8);
                Assert.Throws<InvalidOperationException>(() => context.Response.Headers.Set("X-Late", "1"));
                return default;
            })
            .Get("/pieces", static async context =>
            {
                context.Response.Headers.Add("X-Early", "1");
                await context.Response.WriteAsync("piece"u8.ToArray());
                Assert.Throws<InvalidOperationException>(() => context.Response.Headers.Remove("X-Early"u8));
            }));
        using HttpPeer peer = await server.ConnectAsync();
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal("whole", (await peer.AskAsync("GET /whole HTTP/1.1\r\nHost: a\r\n\r\n")).Text);
            Assert.Equal("1", (await peer.AskAsync("GET /pieces HTTP/1.1\r\nHost: a\r\n\r\n"))["X-Early"]);
        }

        Assert.Empty(server.Log);
    }

    [Fact]
    public async Task Status_and_second_answer_are_refused_once_the_head_was_sent()
    {
        using TestServer server = await StartAsync(async context =>
        {
            context.Response.Send("sent");
            Assert.Throws<InvalidOperationException>(() => context.Response.StatusCode = 404);
            Assert.Throws<InvalidOperationException>(() => context.Response.Send("again"));
            await Assert.ThrowsAsync<LocalProtocolException>(async () => await context.Response.WriteAsync("more"u8.ToArray()));
        });
        using HttpPeer peer = await server.ConnectAsync();

        Assert.Equal("sent", (await peer.AskAsync(Get)).Text);
        Assert.Equal("sent", (await peer.AskAsync(Get)).Text);
        Assert.Empty(server.Log);
    }

    private static Task<TestServer> StartAsync(HttpHandler handler) => TestServer.StartAsync(server => server.Map("/", handler));
}
