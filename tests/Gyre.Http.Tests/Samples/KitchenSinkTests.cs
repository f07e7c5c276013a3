using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Gyre.Http.Tests.Server;

namespace Gyre.Http.Tests.Samples;

/// <summary>The sample that shows everything, as a process; clients of others meet it in <c>.ci/interop</c>.</summary>
public sealed class KitchenSinkTests
{
    private const string AnyPort = "http://127.0.0.1:0";

    [Theory]
    [InlineData("GET", "/", 200, "Hello, World!")]
    [InlineData("GET", "/echo", 200, "Host: a\nX-Y: z\n")]
    [InlineData("GET", "/users/7", 200, """{"id":"7","name":"User 7"}""")]
    [InlineData("GET", "/stream?n=3", 200, "chunk 0\nchunk 1\nchunk 2\n")]
    [InlineData("GET", "/stream?n=0", 200, "")]
    [InlineData("GET", "/sse?n=1", 200, "event: tick\nid: 0\ndata: 0\n\n")]
    [InlineData("GET", "/slow?ms=1", 200, "late")]
    [InlineData("GET", "/block?ms=1", 200, "blocked")]
    [InlineData("OPTIONS", "/", 204, "")]
    [InlineData("GET", "/users/", 404, null)]
    [InlineData("DELETE", "/", 405, null)]
    [InlineData("GET", "/throw", 500, null)]
    [InlineData("GET", "/health", 200, null)]
    [InlineData("GET", "/ready", 200, null)]
    public async Task A_route_answers_as_it_is_described(string method, string target, int status, string? text)
    {
        using SampleProcess sink = Start();
        using HttpPeer peer = await ConnectAsync(sink);

        Answer answer = await peer.AskAsync($"{method} {target} HTTP/1.1\r\nHost: a\r\nX-Y: z\r\n\r\n");

        Assert.Equal(status, answer.Status);
        Assert.Equal(text ?? answer.Text, answer.Text);
    }

    [Fact]
    public async Task What_the_root_allows_is_listed_in_this_order()
    {
        using SampleProcess sink = Start();
        using HttpPeer peer = await ConnectAsync(sink);

        Answer answer = await peer.AskAsync("OPTIONS / HTTP/1.1\r\nHost: a\r\n\r\n");

        Assert.Equal("GET, HEAD, POST, OPTIONS", answer["Allow"]);
    }

    [Fact]
    public async Task A_failure_is_a_problem_without_detail()
    {
        using SampleProcess sink = Start();
        using HttpPeer peer = await ConnectAsync(sink);

        Answer answer = await peer.AskAsync("GET /throw HTTP/1.1\r\nHost: a\r\n\r\n");

        Assert.Equal("application/problem+json", answer["Content-Type"]);
        Assert.DoesNotContain("always fails", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_comes_back_with_its_type()
    {
        using SampleProcess sink = Start();
        using HttpPeer peer = await ConnectAsync(sink);

        Answer answer = await peer.AskAsync(
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Type: text/x-odd\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");

        Assert.Equal("abcde", answer.Text);
        Assert.Equal("text/x-odd", answer["Content-Type"]);
    }

    [Fact]
    public async Task Cookies_come_back_a_line_each()
    {
        using SampleProcess sink = Start();
        using HttpPeer peer = await ConnectAsync(sink);

        Answer answer = await peer.AskAsync("GET /cookie HTTP/1.1\r\nHost: a\r\nCookie: a=b; c=d\r\n\r\n");

        Assert.Equal("a=b\nc=d\n", answer.Text);
        Assert.StartsWith("seen=yes", answer["Set-Cookie"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Uploads_are_counted_and_hashed()
    {
        byte[] body = [.. Enumerable.Range(0, 300_000).Select(static i => (byte)(i * 7))];
        using SampleProcess sink = Start();
        using HttpPeer peer = await ConnectAsync(sink);

        await peer.SendAsync($"POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: {body.Length}\r\n\r\n");
        await peer.SendAsync(body);

        string sha256 = Convert.ToHexStringLower(SHA256.HashData(body));
        Assert.Equal($$"""{"bytes":300000,"sha256":"{{sha256}}"}""", (await peer.ReceiveAsync()).Text);
    }

    [Fact]
    public async Task Parts_of_a_form_are_listed()
    {
        const string Body = "--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a b\"\r\nContent-Type: text/plain\r\n\r\nabc\r\n--x--\r\n";
        using SampleProcess sink = Start();
        using HttpPeer peer = await ConnectAsync(sink);

        Answer answer = await peer.AskAsync(
            $"POST /form HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: {Body.Length}\r\n\r\n{Body}");

        string sha256 = Convert.ToHexStringLower(SHA256.HashData("abc"u8));
        Assert.Equal($$"""[{"name":"f","fileName":"a b","contentType":"text/plain","bytes":3,"sha256":"{{sha256}}"}]""", answer.Text);
    }

    [Fact]
    public async Task Files_are_served_from_the_root_and_from_nowhere_else()
    {
        using var root = new TemporaryRoot();
        using SampleProcess sink = Start("--root", root.Path);
        using HttpPeer peer = await ConnectAsync(sink);

        Answer file = await peer.AskAsync("GET /static/a.txt HTTP/1.1\r\nHost: a\r\nRange: bytes=1-2\r\n\r\n");
        Answer outside = await peer.AskAsync("GET /static/%2e%2e/secret.txt HTTP/1.1\r\nHost: a\r\n\r\n");

        Assert.Equal((206, "BC"), (file.Status, file.Text));
        Assert.InRange(outside.Status, 400, 404);
        Assert.DoesNotContain("secret", outside.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET /{0} HTTP/1.1\r\nHost: a\r\n\r\n", 1100, 414)]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nX: {0}\r\n\r\n", 5000, 431)]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000001\r\nX: {0}\r\n\r\n", 1, 413)]
    [InlineData("POST /upload HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;{0}=b\r\nx\r\n0\r\n\r\n", 300, 400)]
    [InlineData("POST /upload HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: {0}\r\n\r\n", 600, 431)]
    public async Task Small_limits_are_met(string request, int letters, int status)
    {
        using SampleProcess sink = Start("--small-limits");
        using HttpPeer peer = await ConnectAsync(sink);

        await peer.SendAsFarAsPossibleAsync(Encoding.ASCII.GetBytes(request.Replace("{0}", new string('a', letters), StringComparison.Ordinal)));

        Assert.Equal(status, (await peer.ReceiveAsync()).Status);
    }

    [Fact]
    public async Task Small_limits_end_a_slow_head()
    {
        using SampleProcess sink = Start("--small-limits");
        using HttpPeer peer = await ConnectAsync(sink);

        await peer.SendAsync("GET / HT");

        Assert.Equal(408, (await peer.ReceiveAsync()).Status);
        await peer.ReceiveEndAsync();
    }

    [Fact]
    public async Task Ctrl_c_lets_a_request_end_and_then_ends_with_0()
    {
        using SampleProcess sink = Start();
        using HttpPeer peer = await ConnectAsync(sink);
        await peer.SendAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /slow?ms=300 HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Equal(200, (await peer.ReceiveAsync()).Status);

        sink.Interrupt();

        Answer late = await peer.ReceiveAsync();
        Assert.Equal(("late", "close"), (late.Text, late["Connection"]));
        await peer.ReceiveEndAsync();
        Assert.Equal(0, await sink.WaitForExitAsync());
        Assert.DoesNotContain("   at ", await sink.ReadErrorAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_says_where_each_endpoint_listens()
    {
        using SampleProcess sink = Start("--https-port", "0");

        Assert.Matches(@"^Listening on http://127\.0\.0\.1:[1-9]\d* and https://127\.0\.0\.1:[1-9]\d* with ", await sink.ReadLineAsync());
    }

    [Theory]
    [InlineData("--root", "/no/such/folder", "/no/such/folder")]
    [InlineData("--https-port", "70000", "70000")]
    [InlineData("--https-port", "-1", "-1")]
    [InlineData("--https-port", "many", "many")]
    [InlineData("--hand-over", "/no/such/folder/socket", "/no/such/folder")]
    public async Task A_bad_option_is_told_without_a_stack(string option, string value, string told)
    {
        using SampleProcess sink = Start(option, value);

        string error = await sink.ReadErrorAsync();

        Assert.NotEqual(0, await sink.WaitForExitAsync());
        Assert.Contains(told, error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_in_use_is_one_clear_line()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taken.Listen();
        int port = ((IPEndPoint)taken.LocalEndPoint!).Port;
        using SampleProcess sink = Start("--https-port", $"{port}");

        string error = await sink.ReadErrorAsync();

        Assert.Equal(1, await sink.WaitForExitAsync());
        // On a busy machine the watchdog may have had a word, too.
        IEnumerable<string> said = error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string[] lines = [.. said.Where(static line => !line.StartsWith("gyre: loop ", StringComparison.Ordinal))];
        Assert.StartsWith("kitchensink: ", Assert.Single(lines), StringComparison.Ordinal);
        Assert.Contains($"127.0.0.1:{port}", lines[0], StringComparison.Ordinal);
    }

    private static SampleProcess Start(params string[] options) => SampleProcess.Start("KitchenSink", ["--urls", AnyPort, .. options]);

    private static async Task<HttpPeer> ConnectAsync(SampleProcess sink) =>
        await HttpPeer.ConnectAsync(SampleProcess.AddressIn(await sink.ReadLineAsync()));

    /// <summary>A folder with a file in it, and one beside it.</summary>
    private sealed class TemporaryRoot : IDisposable
    {
        private readonly DirectoryInfo _outer = Directory.CreateTempSubdirectory("gyre-sink-");

        public TemporaryRoot()
        {
            Directory.CreateDirectory(Path);
            File.WriteAllText(System.IO.Path.Combine(Path, "a.txt"), "ABCD");
            File.WriteAllText(System.IO.Path.Combine(_outer.FullName, "secret.txt"), "secret");
        }

        public string Path => System.IO.Path.Combine(_outer.FullName, "root");

        public void Dispose() => _outer.Delete(recursive: true);
    }
}
