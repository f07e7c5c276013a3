using System.IO.Compression;
using System.Text;
using Gyre.Http.Protocol;
using Gyre.Http.Tests.Server;

namespace Gyre.Http.Tests.Middleware;

public sealed class CompressionTests
{
    private static readonly string s_page = string.Concat(Enumerable.Range(0, 2000).Select(static i => $"line {i} of a page\n"));

    [Theory]
    [InlineData("br", "br")]
    [InlineData("gzip", "gzip")]
    [InlineData("gzip, br", "br")]
    [InlineData("br;q=0.1, gzip", "gzip")]
    [InlineData("br;q=0, gzip;q=0", null)]
    [InlineData("*;q=0", null)]
    [InlineData("identity;q=0, *;q=0", null)]
    [InlineData("zstd", null)]
    [InlineData("gzip;q=", null)]
    [InlineData("identity", null)]
    public async Task The_client_chooses_the_coding(string accepted, string? coding)
    {
        using TestServer server = await StartAsync(null, Page());
        using HttpPeer peer = await server.ConnectAsync();

        Answer answer = await peer.AskAsync(Request($"Accept-Encoding: {accepted}"));

        Assert.Equal(coding, answer["Content-Encoding"]);
        Assert.Equal("Accept-Encoding", answer["Vary"]);
        Assert.Equal(s_page, Decode(answer));
        Assert.Equal(coding is not null, answer.Body.Length < s_page.Length / 4);
    }

    [Theory]
    [InlineData("br")]
    [InlineData("gzip")]
    public async Task Head_has_the_head_of_get(string coding)
    {
        using TestServer server = await StartAsync(null, Page("X: 1"));
        using HttpPeer peer = await server.ConnectAsync();
        string request = Request($"Accept-Encoding: {coding}");

        Answer get = await peer.AskAsync(request);
        Answer head = await peer.AskAsync("HEAD" + request[3..], isHead: true);

        Assert.Equal(get.Lines.Where(NotDate), head.Lines.Where(NotDate));
        static bool NotDate(string line) => !line.StartsWith("Date:", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Head_of_a_declared_length_doesnt_tell_the_length_of_the_uncompressed_body()
    {
        using TestServer server = await StartAsync(null, static context =>
        {
            context.Response.Headers.Set(KnownHeader.ContentType, "text/html"u8);
            context.Response.ContentLength = 5000;
            return default;
        });
        using HttpPeer peer = await server.ConnectAsync();

        Answer head = await peer.AskAsync("HEAD / HTTP/1.1\r\nHost: a\r\nAccept-Encoding: br\r\n\r\n", isHead: true);

        Assert.Equal("br", head["Content-Encoding"]);
        Assert.Null(head["Content-Length"]);
    }

    [Theory]
    [InlineData("Content-Type: image/png", false)]
    [InlineData("Content-Encoding: br", false)]
    [InlineData("Content-Range: bytes 0-1/2", false)]
    [InlineData("Cache-Control: public, NO-TRANSFORM", false)]
    [InlineData("Repr-Digest: sha-256=:AAAA:", false)]
    [InlineData("Set-Cookie: a=b", true)]
    public async Task Some_responses_are_left_alone(string header, bool varies)
    {
        using TestServer server = await StartAsync(null, Page(header));
        using HttpPeer peer = await server.ConnectAsync();

        Answer answer = await peer.AskAsync(Request("Accept-Encoding: br"));

        Assert.Equal(s_page, answer.Text);
        Assert.Equal(varies ? "Accept-Encoding" : null, answer["Vary"]);
    }

    [Theory]
    [InlineData("Cookie: a=b")]
    [InlineData("Authorization: Basic YTpi")]
    [InlineData("X-Forwarded-Proto: https")]
    public async Task Secrets_are_left_alone_unless_an_option_says_so(string header)
    {
        using TestServer careful = await StartAsync(null, Page());
        using TestServer careless = await StartAsync(new CompressionOptions { OverHttps = true, WithCredentials = true }, Page());
        using HttpPeer one = await careful.ConnectAsync();
        using HttpPeer other = await careless.ConnectAsync();
        string request = Request($"Accept-Encoding: br\r\n{header}");

        Assert.Null((await one.AskAsync(request))["Content-Encoding"]);
        Assert.Equal("br", (await other.AskAsync(request))["Content-Encoding"]);
    }

    [Theory]
    [InlineData("Vary: Accept-Language, accept-encoding", "Accept-Language, accept-encoding")]
    [InlineData("Vary: *", "*")]
    public async Task Vary_isnt_repeated(string header, string expected)
    {
        using TestServer server = await StartAsync(null, Page(header));
        using HttpPeer peer = await server.ConnectAsync();
        Assert.Equal(expected, (await peer.AskAsync(Request("Accept-Encoding: br")))["Vary"]);
    }

    [Theory]
    [InlineData("ETag: \"abc\"", "W/\"abc\"")]
    [InlineData("ETag: W/\"abc\"", "W/\"abc\"")]
    public async Task A_strong_tag_becomes_weak(string header, string expected)
    {
        using TestServer server = await StartAsync(null, Page(header));
        using HttpPeer peer = await server.ConnectAsync();
        Assert.Equal(expected, (await peer.AskAsync(Request("Accept-Encoding: br")))["ETag"]);
        Assert.Equal(header[6..], (await peer.AskAsync(Request("Accept-Encoding: identity")))["ETag"]);
    }

    [Theory]
    [InlineData(1023, false)]
    [InlineData(1024, true)]
    public async Task Tiny_bodies_are_left_alone(int length, bool isCompressed)
    {
        using TestServer server = await StartAsync(null, context =>
        {
            context.Response.Send(new string('x', length));
            return default;
        });
        using HttpPeer peer = await server.ConnectAsync();
        Answer answer = await peer.AskAsync(Request("Accept-Encoding: gzip"));
        Assert.Equal(isCompressed ? "gzip" : null, answer["Content-Encoding"]);
        Assert.Equal(length, Decode(answer).Length);
    }

    [Theory]
    [InlineData(204)]
    [InlineData(304)]
    public async Task What_has_no_body_isnt_compressed(int status)
    {
        using TestServer server = await StartAsync(null, context =>
        {
            context.Response.StatusCode = status;
            return default;
        });
        using HttpPeer peer = await server.ConnectAsync();
        Answer answer = await peer.AskAsync(Request("Accept-Encoding: gzip"));
        Assert.Null(answer["Content-Encoding"]);
        Assert.Equal(status, (await peer.AskAsync(Request("Accept-Encoding: gzip"))).Status);
    }

    [Theory]
    [InlineData("br")]
    [InlineData("gzip")]
    public async Task Each_event_of_a_stream_goes_out_at_once(string coding)
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using TestServer server = await StartAsync(new CompressionOptions { FurtherTypes = ["text/event-stream"] }, async context =>
        {
            context.Response.Headers.Set(KnownHeader.ContentType, "text/event-stream"u8);
            await context.Response.WriteAsync("data: one\n\n"u8.ToArray());
            await go.Task;
            await context.Response.WriteAsync("data: two\n\n"u8.ToArray());
        });
        using HttpPeer peer = await server.ConnectAsync();
        await peer.SendAsync(Request($"Accept-Encoding: {coding}"));

        Assert.Contains($"Content-Encoding: {coding}", await peer.ReceiveHeadAsync(), StringComparison.Ordinal);
        using var chunked = new MemoryStream();
        string first = "";
        while (first.Length < 11)
        {
            // A chunk at a time, as far as it can be decoded by now: the second event isn't sent before the first was read.
            chunked.Write(await peer.ReceiveChunkAsync());
            first = DecodePart(coding, chunked.ToArray());
        }

        Assert.Equal("data: one\n\n", first);
        go.SetResult();
        chunked.Write(await peer.ReceiveChunksAsync());
        Assert.Equal("data: one\n\ndata: two\n\n", DecodePart(coding, chunked.ToArray()));
    }

    [Theory]
    [InlineData("br")]
    [InlineData("gzip")]
    public async Task A_stream_that_turns_out_empty_is_a_body_of_the_coding(string coding)
    {
        using TestServer server = await StartAsync(null, static async context =>
        {
            context.Response.Headers.Set(KnownHeader.ContentType, "text/plain"u8);
            await context.Response.FlushAsync();
        });
        using HttpPeer peer = await server.ConnectAsync();
        Answer answer = await peer.AskAsync(Request($"Accept-Encoding: {coding}"));
        Assert.Equal(coding, answer["Content-Encoding"]);
        Assert.NotEmpty(answer.Body);
        Assert.Equal("", Decode(answer));
    }

    [Theory]
    [InlineData("br")]
    [InlineData("gzip")]
    public async Task A_client_that_leaves_within_a_compressed_body_leaves_nothing(string coding)
    {
        var ended = new SemaphoreSlim(0);
        byte[] noise = new byte[64 * 1024];
        new Random(1).NextBytes(noise);
        using TestServer server = await StartAsync(null, async context =>
        {
            context.Response.Headers.Set(KnownHeader.ContentType, "text/plain"u8);
            try
            {
                while (context.Request.Query == "endless")
                {
                    await context.Response.WriteAsync(noise);
                }
            }
            finally
            {
                ended.Release();
            }

            context.Response.Send(s_page);
        });
        for (int i = 0; i < 20; i++)
        {
            using HttpPeer leaving = await server.ConnectAsync();
            await leaving.SendAsync(Request($"Accept-Encoding: {coding}").Replace("/ ", "/?endless ", StringComparison.Ordinal));
            await leaving.ReceiveHeadAsync();
            leaving.Reset();
            await ended.WaitAsync(TestContext.Current.CancellationToken).OrFail();
        }

        using HttpPeer peer = await server.ConnectAsync();
        Assert.Equal(s_page, Decode(await peer.AskAsync(Request($"Accept-Encoding: {coding}"))));
    }

    [Fact]
    public async Task A_failure_behind_a_compressed_beginning_breaks_the_connection_and_one_before_is_answered()
    {
        using TestServer server = await StartAsync(null, static async context =>
        {
            context.Response.Headers.Set(KnownHeader.ContentType, "text/plain"u8);
            if (context.Request.Query == "late")
            {
                await context.Response.WriteAsync(new byte[10_000]);
            }

            throw new InvalidOperationException();
        });
        using HttpPeer peer = await server.ConnectAsync();

        Assert.Equal(500, (await peer.AskAsync(Request("Accept-Encoding: br"))).Status);
        await peer.SendAsync(Request("Accept-Encoding: br").Replace("/ ", "/?late ", StringComparison.Ordinal));
        await Assert.ThrowsAnyAsync<IOException>(() => peer.ReceiveAsync());
    }

    private static Task<TestServer> StartAsync(CompressionOptions? options, HttpHandler handler) =>
        TestServer.StartAsync(server => server.UseForwardedHeaders().UseCompression(options).Get("/", handler));

    private static HttpHandler Page(string header = "X: 1") => context =>
    {
        string[] parts = header.Split(": ");
        context.Response.Headers.Set("Content-Type", "text/html; charset=utf-8");
        context.Response.Headers.Set(parts[0], parts[1]);
        context.Response.Send(s_page);
        return default;
    };

    private static string Request(string headers) => $"GET / HTTP/1.1\r\nHost: a\r\n{headers}\r\n\r\n";

    private static string Decode(Answer answer) => answer["Content-Encoding"] is { } coding ? DecodePart(coding, answer.Body) : answer.Text;

    private static string DecodePart(string coding, byte[] bytes)
    {
        using var source = new MemoryStream(bytes);
        using Stream decoder = coding == "br" ? new BrotliStream(source, CompressionMode.Decompress) : new GZipStream(source, CompressionMode.Decompress);
        using var all = new MemoryStream();
        byte[] piece = new byte[4096];
        try
        {
            for (int count; (count = decoder.Read(piece)) > 0;)
            {
                all.Write(piece, 0, count);
            }
        }
        catch (InvalidDataException)
        {
            // The end is missing so far; what was decoded by then counts.
        }

        return Encoding.UTF8.GetString(all.ToArray());
    }
}
