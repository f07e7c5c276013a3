using System.Globalization;
using System.Text;
using Gyre.Http.Tests.Server;

namespace Gyre.Http.Tests.Forms;

public sealed class MultipartTests
{
    private const string Get = "GET /after HTTP/1.1\r\nHost: a\r\n\r\n";
    private const string FormData = "multipart/form-data; boundary=b";
    private const string Part = "--b\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n";
    private const string End = "--b--\r\n";

    [Theory]
    [InlineData("--b--", "")]
    [InlineData("--b\r\n\r\n\r\n--b--", "(, null, null, null, '')")]
    [InlineData("before\r\n" + Part + End + "behind", "(a, null, null, null, '1')")]
    [InlineData("--b  \r\n\r\n1\r\n--b \t\r\n\r\n2\r\n" + End, "(, null, null, null, '1')(, null, null, null, '2')")]
    [InlineData("--b\r\nContent-Disposition: attachment; filename=x\r\nContent-Type: a/b\r\n\r\n\r\n-\r\n--\r\n" + End, "(, x, x, a/b, '\r\n-\r\n--')")]
    public async Task Parts_are_found(string body, string expected)
    {
        using TestServer server = await StartAsync(MultipartOptions.Default);
        using HttpPeer peer = await server.ConnectAsync();

        Assert.Equal(expected, (await peer.PostAsync("/all", FormData, Encoding.ASCII.GetBytes(body))).Text);
        Assert.Equal(expected, (await peer.PostAsync("/all", "multipart/mixed; boundary=\"b\"", Encoding.ASCII.GetBytes(body))).Text);
        Assert.Equal("/after?", (await peer.AskAsync(Get)).Text);
    }

    [Theory]
    [InlineData("name=\"x\\\"y\"", "x\"y", "null", "null")]
    [InlineData("name=\"é %22\"; filename=\"ü.txt\"", "é %22", "ü.txt", "ü.txt")]
    [InlineData("NAME=n; FileName=\"\"", "n", "", "null")]
    [InlineData("name=n; filename=\"C:\\dir\\x.txt\"", "n", "C:\\dir\\x.txt", "x.txt")]
    [InlineData("name=n; filename=\"../../etc/passwd\"", "n", "../../etc/passwd", "passwd")]
    [InlineData("name=n; filename=\"..\"", "n", "..", "null")]
    [InlineData("name=n; filename=\"x/\"", "n", "x/", "null")]
    [InlineData("name=n; filename=\" a<b>|c?*.txt. \"", "n", " a<b>|c?*.txt. ", "abc.txt")]
    [InlineData("name=n; filename*=UTF-8''x", "n", "null", "null")]
    public async Task Names_are_read_as_browsers_write_them(string parameters, string name, string fileName, string safeName)
    {
        using TestServer server = await StartAsync(MultipartOptions.Default);
        using HttpPeer peer = await server.ConnectAsync();

        Answer answer = await peer.PostAsync(
            "/all", FormData, Encoding.UTF8.GetBytes($"--b\r\nContent-Disposition: form-data; {parameters}\r\n\r\n\r\n{End}"));

        Assert.Equal($"({name}, {fileName}, {safeName}, null, '')", answer.Text);
    }

    [Fact]
    public async Task Header_lines_of_a_part_are_kept_in_full()
    {
        using TestServer server = await TestServer.StartAsync(static server => server.Post("/", static async context =>
        {
            await foreach (MultipartPart part in context.Request.ReadMultipartAsync())
            {
                string lines = string.Concat(part.Headers.Select(header => $"[{header.Key}: {header.Value}]"));
                context.Response.Send($"{lines} {part.GetHeader("x-a")} {part.GetHeader("X-C") ?? "null"}");
            }
        }));
        using HttpPeer peer = await server.ConnectAsync();

        Answer answer = await peer.PostAsync("/", FormData, Encoding.UTF8.GetBytes($"--b\r\nX-A: 1\r\nX-A: ä\r\nX-B:2\r\n\r\n\r\n{End}"));

        Assert.Equal("[X-A: 1][X-A: ä][X-B: 2] 1 null", answer.Text);
    }

    [Theory]
    [InlineData(null, 415)]
    [InlineData("text/plain; boundary=b", 415)]
    [InlineData("multipart/form-data", 400)]
    [InlineData("multipart/form-data; boundary=", 415)]
    [InlineData("multipart/form-data; boundary=\"\"", 400)]
    [InlineData("multipart/form-data; boundary=\"b \"", 400)]
    [InlineData("multipart/form-data; boundary=b; boundary=c", 400)]
    [InlineData("multipart/form-data; boundary=\"b\\b\"", 400)]
    [InlineData("multipart/form-data; boundary=01234567890123456789012345678901234567890123456789012345678901234567890", 400)]
    public async Task A_content_type_without_a_valid_boundary_is_refused(string? contentType, int status)
    {
        using TestServer server = await StartAsync(MultipartOptions.Default);
        using HttpPeer peer = await server.ConnectAsync();

        Assert.Equal(status, (await peer.PostAsync("/all", contentType, Encoding.ASCII.GetBytes(Part + End))).Status);
        Assert.Equal("/after?", (await peer.AskAsync(Get)).Text);
        Assert.Empty(server.Log);
    }

    [Theory]
    [InlineData("")]
    [InlineData("nothing of the kind")]
    [InlineData("--b")]
    [InlineData("--b\r\n")]
    [InlineData("--b\r\nContent-Disp")]
    [InlineData("--b\r\nContent-Disposition: form-data\r\n\r\n1")]
    [InlineData(Part)]
    [InlineData(Part + "--b")]
    [InlineData(Part + "--b-")]
    [InlineData("--b\r\nno colon\r\n\r\n1\r\n" + End)]
    [InlineData("--b\r\nContent-Disposition: form-data; name=\"a\r\n\r\n1\r\n" + End)]
    [InlineData("--b\r\nContent-Disposition: form-data; name=a; name=b\r\n\r\n1\r\n" + End)]
    [InlineData("--b\r\nContent-Disposition: form-data; name=a\r\nContent-Disposition: form-data; name=b\r\n\r\n1\r\n" + End)]
    public async Task A_body_that_is_malformed_or_cut_short_is_answered_400_and_the_connection_goes_on(string body)
    {
        using TestServer server = await StartAsync(MultipartOptions.Default);
        using HttpPeer peer = await server.ConnectAsync();
        foreach (string path in new[] { "/all", "/skip" })
        {
            Answer answer = await peer.PostAsync(path, FormData, Encoding.ASCII.GetBytes(body));

            Assert.Equal(400, answer.Status);
            Assert.Contains(" part", answer.Text, StringComparison.Ordinal);
            Assert.Equal("/after?", (await peer.AskAsync(Get)).Text);
        }

        Assert.Empty(server.Log);
    }

    [Theory]
    [InlineData(3, 1, 0, 100, 200)]
    [InlineData(4, 1, 0, 100, 413)]
    [InlineData(1, 2, 0, 100, 200)]
    [InlineData(1, 3, 0, 100, 400)]
    [InlineData(1, 1, 100, 100, 200)]
    [InlineData(1, 1, 300, 100, 400)]
    [InlineData(1, 1, 0, 1000, 200)]
    [InlineData(1, 1, 0, 1001, 413)]
    [InlineData(1, 1, 0, 20_000, 413)]
    public async Task Each_limit_holds_also_for_parts_that_are_skipped(int parts, int headers, int headerBytes, int bytes, int status)
    {
        var options = new MultipartOptions { PartsMax = 3, HeaderCountMax = 2, HeaderBytesMax = 200, PartBytesMax = 1000 };
        using TestServer server = await StartAsync(options);
        string lines = string.Concat(Enumerable.Range(0, headers).Select(i => $"X-{i}: {new string('h', headerBytes)}\r\n"));
        string part = $"--b\r\n{lines}\r\n{new string('x', bytes)}\r\n";
        string body = string.Concat(Enumerable.Repeat(part, parts)) + End;
        foreach (string path in new[] { "/all", "/skip" })
        {
            using HttpPeer peer = await server.ConnectAsync();
            Assert.Equal(status, (await peer.PostAsync(path, FormData, Encoding.ASCII.GetBytes(body))).Status);
        }

        Assert.Empty(server.Log);
    }

    [Theory]
    [InlineData(2, 200)]
    [InlineData(3, 400)]
    public async Task Header_lines_of_one_name_count_each(int lines, int status)
    {
        using TestServer server = await StartAsync(new MultipartOptions { HeaderCountMax = 2 });
        using HttpPeer peer = await server.ConnectAsync();
        string body = $"--b\r\n{string.Concat(Enumerable.Repeat("X: y\r\n", lines))}\r\n1\r\n{End}";

        Assert.Equal(status, (await peer.PostAsync("/all", FormData, Encoding.ASCII.GetBytes(body))).Status);
    }

    [Theory]
    [InlineData("--b\r\nX: ")]
    [InlineData("--b\r\n\r\n1\r\n--b\r\nContent-Disposition: form-data; name=")]
    [InlineData("--b")]
    [InlineData("")]
    public async Task A_line_without_an_end_is_refused_long_before_the_limit_of_the_body(string start)
    {
        using TestServer server = await StartAsync(new MultipartOptions { HeaderBytesMax = 4096 });
        using HttpPeer peer = await server.ConnectAsync();

        // Not all of it is sent: who would gather it all would wait for the rest.
        string head = $"POST /all HTTP/1.1\r\nHost: a\r\nContent-Type: {FormData}\r\nContent-Length: 20000000\r\n\r\n";
        await peer.SendAsync($"{head}{start}{new string('y', 32 * 1024)}");

        Assert.Equal(400, (await peer.ReceiveAsync()).Status);
    }

    [Theory]
    [InlineData(0, 200)]
    [InlineData(1, 413)]
    public async Task The_whole_body_has_a_limit_of_its_own(int over, int status)
    {
        string body = Part + End;
        using TestServer server = await StartAsync(new MultipartOptions { BytesMax = body.Length - over });
        foreach (string framed in new[]
        {
            $"Content-Length: {body.Length}\r\n\r\n{body}",
            string.Create(CultureInfo.InvariantCulture, $"Transfer-Encoding: chunked\r\n\r\n{body.Length:x}\r\n{body}\r\n0\r\n\r\n"),
        })
        {
            using HttpPeer peer = await server.ConnectAsync();
            Assert.Equal(status, (await peer.AskAsync($"POST /all HTTP/1.1\r\nHost: a\r\nContent-Type: {FormData}\r\n{framed}")).Status);
        }

        Assert.Empty(server.Log);
    }

    [Fact]
    public async Task What_a_handler_leaves_of_a_part_is_skipped_and_its_stream_ends_with_it()
    {
        using TestServer server = await TestServer.StartAsync(static server => server.Post("/", static async context =>
        {
            MultipartPart? first = null;
            var seen = new StringBuilder();
            await foreach (MultipartPart part in context.Request.ReadMultipartAsync())
            {
                byte[] piece = new byte[2];
                int count = await part.Body.ReadAsync(piece);
                seen.Append(Encoding.ASCII.GetString(piece, 0, count)).Append('|');
                first ??= part;
            }

            InvalidOperationException refusal = await Assert.ThrowsAsync<InvalidOperationException>(async () => await first!.ReadTextAsync());
            context.Response.Send(seen + refusal.Message);
        }));
        using HttpPeer peer = await server.ConnectAsync();
        string body = $"--b\r\n\r\n1{new string('x', 100_000)}\r\n--b\r\n\r\n2\r\n{End}";

        Answer answer = await peer.PostAsync("/", FormData, Encoding.ASCII.GetBytes(body));

        Assert.StartsWith("1x|2|The part was passed", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_part_comes_as_it_is_sent_and_not_when_it_is_whole()
    {
        using TestServer server = await TestServer.StartAsync(static server => server.Post("/", static async context =>
        {
            await foreach (MultipartPart part in context.Request.ReadMultipartAsync())
            {
                long bytes = 0;
                byte[] piece = new byte[10_000];
                for (int count; (count = await part.Body.ReadAsync(piece)) > 0; bytes += count)
                {
                    if (bytes == 0)
                    {
                        await context.Response.WriteAsync("begun "u8.ToArray());
                    }
                }

                await context.Response.WriteAsync(Encoding.ASCII.GetBytes($"{bytes}"));
            }
        }));
        using HttpPeer peer = await server.ConnectAsync();
        const int bytes = 3_000_000;
        const string head = "--b\r\n\r\n";

        int length = head.Length + bytes + 2 + End.Length;
        await peer.SendAsync(
            $"POST / HTTP/1.1\r\nHost: a\r\nContent-Type: {FormData}\r\nContent-Length: {length}\r\n\r\n{head}{new string('x', 5000)}");
        Assert.StartsWith("HTTP/1.1 200", await peer.ReceiveHeadAsync(), StringComparison.Ordinal);
        await peer.SendAsync($"{new string('x', bytes - 5000)}\r\n{End}");

        Assert.Equal($"begun {bytes}", Encoding.ASCII.GetString(await peer.ReceiveChunksAsync()));
    }

    [Fact]
    public async Task A_reader_that_asks_for_no_context_stays_on_the_loop()
    {
        using TestServer server = await TestServer.StartAsync(static server => server.Post("/", static async context =>
        {
            var seen = new StringBuilder();
            await foreach (MultipartPart part in context.Request.ReadMultipartAsync().ConfigureAwait(false))
            {
                using var reader = new StreamReader(part.Body);
                seen.Append(await reader.ReadToEndAsync().ConfigureAwait(false)).Append(EventLoop.CurrentOrNull is null ? " elsewhere " : " here ");
            }

            context.Response.Send(seen.ToString());
        }));
        using HttpPeer peer = await server.ConnectAsync();
        string body = $"--b\r\n\r\nfirst\r\n--b\r\n\r\nsecond\r\n{End}";

        await peer.SendAsync($"POST / HTTP/1.1\r\nHost: a\r\nContent-Type: {FormData}\r\nContent-Length: {body.Length}\r\n\r\n");
        foreach (char c in body)
        {
            await peer.SendAsync(c.ToString());
        }

        Assert.Equal("first here second here ", (await peer.ReceiveAsync()).Text);
        Assert.Empty(server.Log);
    }

    [Fact]
    public async Task A_part_is_read_by_blocking_in_a_cooperative_thread_alone()
    {
        using TestServer server = await TestServer.StartAsync(static server => server.Post("/", static async context =>
        {
            string text = "";
            await foreach (MultipartPart part in context.Request.ReadMultipartAsync())
            {
                text += await CooperativeThread.Run(() => new StreamReader(part.Body).ReadToEnd());
            }

            context.Response.Send(text);
        }));
        using HttpPeer peer = await server.ConnectAsync();
        string body = $"--b\r\n\r\n{new string('x', 10_000)}\r\n{End}";

        await peer.SendAsync($"POST / HTTP/1.1\r\nHost: a\r\nContent-Type: {FormData}\r\nContent-Length: {body.Length}\r\n\r\n--b\r\n\r\nx");
        await peer.SendAsync(body[8..]);

        Assert.Equal(new string('x', 10_000), (await peer.ReceiveAsync()).Text);
    }

    [Fact]
    public async Task A_connection_that_breaks_within_a_part_is_no_fault_of_the_form()
    {
        var failed = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        using TestServer server = await TestServer.StartAsync(server => server.Post("/", async context =>
        {
            try
            {
                await context.Request.ReadFormAsync();
            }
            catch (Exception failure)
            {
                failed.SetResult(failure);
                throw;
            }
        }));
        HttpPeer peer = await server.ConnectAsync();

        await peer.SendAsync($"POST / HTTP/1.1\r\nHost: a\r\nContent-Type: {FormData}\r\nExpect: 100-continue\r\nContent-Length: 1000\r\n\r\n");
        await peer.ReceiveHeadAsync();
        await peer.SendAsync(Part);
        peer.Reset();

        Assert.IsNotType<HttpException>(await failed.Task.OrFail());
        server.Stop();
        Assert.Empty(server.Log);
    }

    private static Task<TestServer> StartAsync(MultipartOptions options) => TestServer.StartAsync(server => server
        .Post("/all", async context =>
        {
            var all = new StringBuilder();
            await foreach (MultipartPart part in context.Request.ReadMultipartAsync(options))
            {
                string text = await part.ReadTextAsync();
                all.Append(CultureInfo.InvariantCulture, $"({part.Name}, {part.FileName ?? "null"}, {part.SafeFileName ?? "null"}, ");
                all.Append(CultureInfo.InvariantCulture, $"{part.ContentType ?? "null"}, '{text}')");
            }

            context.Response.Send(all.ToString());
        })
        .Post("/skip", async context =>
        {
            int count = 0;
            await foreach (MultipartPart part in context.Request.ReadMultipartAsync(options))
            {
                count++;
            }

            context.Response.Send($"{count}");
        })
        .Default(Handlers.Echo));
}
