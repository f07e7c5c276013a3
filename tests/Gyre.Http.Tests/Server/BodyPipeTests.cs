using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;

namespace Gyre.Http.Tests.Server;

/// <summary>Bodies as pipes and streams, for code that knows nothing of the loop.</summary>
public sealed class BodyPipeTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    /// <summary>More than the buffers of two sockets hold, so that a writer has to wait for the peer.</summary>
    private const int LargeBytes = 16_000_000;

    [Fact]
    public async Task What_was_written_to_the_pipe_is_sent_in_order_flushed_or_not()
    {
        using TestServer server = await StartAsync(static async context =>
        {
            PipeWriter body = context.Response.Body;
            body.GetSpan(1)[0] = (byte)'a';
            body.Advance(1);
            Assert.Equal(1, body.UnflushedBytes);
            await body.WriteAsync("b"u8.ToArray());
            Assert.Equal(0, body.UnflushedBytes);
            await body.WriteAsync("c"u8.ToArray());
            body.Write("d"u8);
            await body.FlushAsync();
            body.Write("e"u8);
        });
        using HttpPeer peer = await server.ConnectAsync();
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal("abcde", (await peer.AskAsync(Get)).Text);
        }

        Assert.Empty(server.Log);
    }

    [Fact]
    public async Task The_pipe_keeps_the_contract_of_a_buffer_writer()
    {
        using TestServer server = await StartAsync(static async context =>
        {
            PipeWriter body = context.Response.Body;
            Assert.True(body.GetMemory().Length > 0);
            Assert.True(body.GetMemory(100_000).Length >= 100_000);
            Assert.Throws<ArgumentException>(() => body.Advance(-1));
            Assert.Throws<InvalidOperationException>(() => body.Advance(10_000_000));
            body.CancelPendingFlush();
            Assert.True((await body.FlushAsync()).IsCanceled);
            Assert.False((await body.FlushAsync()).IsCanceled);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await body.FlushAsync(new CancellationToken(canceled: true)));
            body.Write("done"u8);
            await body.CompleteAsync();
            await body.CompleteAsync();
            Assert.Throws<InvalidOperationException>(() => body.GetMemory());
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await body.WriteAsync("x"u8.ToArray()));
        });
        using HttpPeer peer = await server.ConnectAsync();
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal("done", (await peer.AskAsync(Get)).Text);
        }

        Assert.Empty(server.Log);
    }

    [Fact]
    public async Task Completed_with_an_exception_the_pipe_breaks_the_connection_off()
    {
        using TestServer server = await StartAsync(static async context =>
        {
            await context.Response.Body.WriteAsync("half"u8.ToArray());
            await context.Response.Body.CompleteAsync(new InvalidDataException("the source broke"));
        });
        using HttpPeer peer = await server.ConnectAsync();
        await peer.SendAsync(Get);

        await peer.ReceiveBreakAsync();
    }

    [Theory]
    [InlineData("HEAD", 200)]
    [InlineData("GET", 204)]
    [InlineData("GET", 304)]
    public async Task A_response_that_has_no_body_drops_what_is_written_to_the_pipe(string method, int status)
    {
        using TestServer server = await StartAsync(async context =>
        {
            context.Response.StatusCode = status;
            await context.Response.Body.WriteAsync("dropped"u8.ToArray());
            context.Response.Body.Write("dropped"u8);
        });
        using HttpPeer peer = await server.ConnectAsync();

        for (int i = 0; i < 2; i++)
        {
            Assert.Equal(status, (await peer.AskAsync($"{method} / HTTP/1.1\r\nHost: a\r\n\r\n", isHead: true)).Status);
        }
    }

    [Fact]
    public async Task What_is_left_in_the_pipe_counts_for_the_length()
    {
        using TestServer server = await StartAsync(static context =>
        {
            context.Response.ContentLength = 3;
            context.Response.Body.Write("ab"u8);
            return default;
        });
        using HttpPeer peer = await server.ConnectAsync();
        await peer.SendAsync(Get);

        await peer.ReceiveBreakAsync();
        Assert.Contains("3", Assert.Single(server.Log), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_writer_that_asks_for_no_context_stays_on_the_loop(bool isPipe)
    {
        var waits = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var done = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        using TestServer server = await StartAsync(async context =>
        {
            Stream stream = isPipe ? context.Response.Body.AsStream(leaveOpen: true) : context.Response.BodyStream;
            byte[] piece = new byte[100_000];
            for (int sent = 0; sent < LargeBytes; sent += piece.Length)
            {
                Task write = stream.WriteAsync(piece, 0, piece.Length);
                if (!write.IsCompleted)
                {
                    waits.TrySetResult();
                }

                await write.ConfigureAwait(false);
                await stream.FlushAsync().ConfigureAwait(false);
            }

            done.SetResult(EventLoop.CurrentOrNull is not null);
        });
        using HttpPeer peer = await server.ConnectAsync(receiveBufferBytes: 4096);
        await peer.SendAsync(Get);
        await peer.ReceiveHeadAsync();
        await waits.Task.OrFail();

        Assert.Equal(LargeBytes, (await peer.ReceiveChunksAsync()).Length);
        Assert.True(await done.Task.OrFail());
        Assert.Empty(server.Log);
    }

    [Fact]
    public async Task A_blocking_write_waits_in_a_cooperative_thread_alone()
    {
        var waits = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using TestServer server = await TestServer.StartAsync(server => server
            .Get("/", static async context => await CooperativeThread.Run(() =>
            {
                byte[] piece = new byte[100_000];
                for (int sent = 0; sent < LargeBytes; sent += piece.Length)
                {
                    context.Response.BodyStream.Write(piece);
                }
            }))
            .Get("/loop", context =>
            {
                byte[] piece = new byte[LargeBytes];
                InvalidOperationException refusal = Assert.Throws<InvalidOperationException>(() =>
                {
                    context.Response.BodyStream.Write(piece);
                    context.Response.BodyStream.Write(piece);
                });
                Assert.StartsWith("Stream.Write of a response's body would block the loop", refusal.Message, StringComparison.Ordinal);
                waits.SetResult();
                throw refusal;
            }));
        using (HttpPeer peer = await server.ConnectAsync(receiveBufferBytes: 4096))
        {
            Assert.Equal(LargeBytes, (await peer.AskAsync(Get)).Body.Length);
        }

        using HttpPeer other = await server.ConnectAsync(receiveBufferBytes: 4096);
        await other.SendAsync("GET /loop HTTP/1.1\r\nHost: a\r\n\r\n");
        await waits.Task.OrFail();
        await other.ReceiveBreakAsync();
    }

    [Fact]
    public async Task A_blocking_read_waits_in_a_cooperative_thread_alone()
    {
        using TestServer server = await StartAsync(static async context =>
        {
            InvalidOperationException refusal = Assert.Throws<InvalidOperationException>(() => context.Request.BodyStream.ReadByte());
            string text = await CooperativeThread.Run(() => new StreamReader(context.Request.BodyStream).ReadToEnd());
            context.Response.Send($"{text} {refusal.Message}");
        });
        using HttpPeer peer = await server.ConnectAsync();

        // The refused read must not have begun, or the other one would meet it.
        await peer.SendAsync("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
        await peer.ReceiveHeadAsync();
        await peer.SendAsync("bo");
        await peer.SendAsync("dy");

        Assert.StartsWith("body Stream.Read of a request's body would block the loop", (await peer.ReceiveAsync()).Text, StringComparison.Ordinal);
        Assert.Empty(server.Log);
    }

    [Fact]
    public async Task Readers_of_the_bcl_that_ask_for_no_context_stay_on_the_loop()
    {
        using TestServer server = await TestServer.StartAsync(static server => server
            .Post("/text", static async context =>
            {
                using var reader = new StreamReader(context.Request.BodyStream, bufferSize: 128);
                string text = await reader.ReadToEndAsync().ConfigureAwait(false);
                Assert.NotNull(EventLoop.CurrentOrNull);
                context.Response.Send(text);
            })
            .Post("/json", static async context =>
            {
                Person? person = await JsonSerializer.DeserializeAsync(context.Request.BodyStream, TestJson.Default.Person).ConfigureAwait(false);
                Assert.NotNull(EventLoop.CurrentOrNull);
                context.Response.Send(person!.Name);
            })
            .Post("/copy", static async context =>
            {
                await context.Request.BodyStream.CopyToAsync(context.Response.BodyStream).ConfigureAwait(false);
                Assert.NotNull(EventLoop.CurrentOrNull);
            })
            .Post("/pipes", static async context =>
            {
                await context.Request.Body.CopyToAsync(context.Response.Body).ConfigureAwait(false);
                Assert.NotNull(EventLoop.CurrentOrNull);
            }));
        using HttpPeer peer = await server.ConnectAsync();
        const string body = "{\"Name\":\"Zoe\",\"Age\":7}";
        foreach ((string path, string expected) in new[] { ("/text", body), ("/json", "Zoe"), ("/copy", body), ("/pipes", body) })
        {
            await peer.SendAsync($"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: {body.Length}\r\n\r\n");
            foreach (char c in body)
            {
                await peer.SendAsync(c.ToString());
            }

            Assert.Equal(expected, (await peer.ReceiveAsync()).Text);
        }

        Assert.Empty(server.Log);
    }

    [Fact]
    public async Task A_pipe_that_is_read_in_part_sees_the_rest_again_and_what_it_leaves_is_dropped()
    {
        using TestServer server = await TestServer.StartAsync(static server => server
            .Post("/", static async context =>
            {
                PipeReader body = context.Request.Body;
                ReadResult read = await body.ReadAtLeastAsync(4);
                string first = Encoding.ASCII.GetString(read.Buffer.Slice(0, 4));
                body.AdvanceTo(read.Buffer.GetPosition(2), read.Buffer.GetPosition(4));
                read = await body.ReadAtLeastAsync(6);
                string second = Encoding.ASCII.GetString(read.Buffer.Slice(0, 4));
                body.AdvanceTo(read.Buffer.Start);
                context.Response.Send($"{first} {second}");
            })
            .Default(Handlers.Echo));
        using HttpPeer peer = await server.ConnectAsync();
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal("0123 2345", (await peer.PostAsync("/", null, Encoding.ASCII.GetBytes("0123456789" + new string('x', 50_000)))).Text);
            Assert.Equal("/after?", (await peer.AskAsync("GET /after HTTP/1.1\r\nHost: a\r\n\r\n")).Text);
        }

        Assert.Empty(server.Log);
    }

    private static Task<TestServer> StartAsync(HttpHandler handler) => TestServer.StartAsync(server => server.Map("/", handler));
}
