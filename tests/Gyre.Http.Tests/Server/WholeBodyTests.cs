using System.Text;

namespace Gyre.Http.Tests.Server;

public sealed class WholeBodyTests
{
    private const string Get = "GET /after HTTP/1.1\r\nHost: a\r\n\r\n";

    [Theory]
    [InlineData(null, "68C3A9", "hé")]
    [InlineData("text/plain", "EFBBBF68C3A9", "hé")]
    [InlineData("text/plain; charset=\"UTF-8\"", "68C3A9", "hé")]
    [InlineData("text/plain; charset=iso-8859-1", "68E9", "hé")]
    [InlineData("text/plain; charset=us-ascii", "68", "h")]
    [InlineData("text/plain; charset=utf-16", "6800E900", "hé")]
    [InlineData("text/plain; charset=utf-16", "FEFF006800E9", "hé")]
    [InlineData("text/plain; charset=utf-16be", "006800E9", "hé")]
    [InlineData("text/plain; charset=utf-16le", "FFFE6800E900", "hé")]
    public async Task Text_is_decoded_by_its_charset(string? contentType, string hex, string expected)
    {
        using TestServer server = await StartAsync();
        using HttpPeer peer = await server.ConnectAsync();

        Answer answer = await peer.PostAsync("/text", contentType, Convert.FromHexString(hex));

        Assert.Equal((200, expected), (answer.Status, answer.Text));
    }

    [Theory]
    [InlineData("text/plain; charset=utf-7", "68", 415, "The charset of \"text/plain; charset=utf-7\" isn't one of")]
    [InlineData("text/plain; charset=utf-8; charset=utf-16", "68", 415, "The charset of")]
    [InlineData("nonsense", "68", 415, "The content type \"nonsense\" is not of the form")]
    [InlineData("text/plain", "68C3", 400, "The text isn't valid utf-8")]
    [InlineData("text/plain; charset=us-ascii", "80", 400, "The text isn't valid us-ascii")]
    [InlineData("text/plain; charset=utf-16", "00", 400, "The text isn't valid utf-16")]
    [InlineData("text/plain; charset=utf-16", "00D8", 400, "The text isn't valid utf-16")]
    public async Task Text_that_cant_be_decoded_is_refused_with_a_reason(string contentType, string hex, int status, string reason)
    {
        using TestServer server = await StartAsync();
        using HttpPeer peer = await server.ConnectAsync();

        Answer answer = await peer.PostAsync("/text", contentType, Convert.FromHexString(hex));

        Assert.Equal(status, answer.Status);
        Assert.StartsWith(reason, answer.Text, StringComparison.Ordinal);
        Assert.Equal("/after?", (await peer.AskAsync(Get)).Text);
        Assert.Empty(server.Log);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(20_000, false)]
    [InlineData(20_001, true)]
    [InlineData(200_000, true)]
    public async Task A_body_may_be_as_long_as_the_limit_and_no_longer(int bytes, bool isTooLong)
    {
        using TestServer server = await StartAsync();
        using HttpPeer peer = await server.ConnectAsync();
        string body = new('x', bytes);
        string chunks = bytes == 0 ? "0\r\n\r\n" : $"{bytes:x}\r\n{body}\r\n0\r\n\r\n";
        foreach (string framed in new[] { $"Content-Length: {bytes}\r\n\r\n{body}", $"Transfer-Encoding: chunked\r\n\r\n{chunks}" })
        {
            Task sending = peer.SendAsync($"POST /bytes HTTP/1.1\r\nHost: a\r\n{framed}");
            Answer answer = await peer.ReceiveAsync();
            await sending;

            Assert.Equal(
                isTooLong ? "413 The body of the request has more than 20000 bytes, which is the most that is taken here." : $"200 {bytes}",
                $"{answer.Status} {answer.Text}");
            Assert.Equal("/after?", (await peer.AskAsync(Get)).Text);
        }

        Assert.Empty(server.Log);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("Application/JSON; charset=UTF-8")]
    [InlineData("application/merge-patch+json")]
    public async Task Json_is_read_from_whatever_pieces_it_comes_in(string contentType)
    {
        using TestServer server = await StartAsync();
        using HttpPeer peer = await server.ConnectAsync();
        const string body = "\uFEFF{\"Name\":\"Zoë\",\"Age\":7}";
        byte[] bytes = Encoding.UTF8.GetBytes(body);

        Assert.Equal("Zoë is 7", (await peer.PostAsync("/json", contentType, bytes)).Text);

        await peer.SendAsync($"POST /json HTTP/1.1\r\nHost: a\r\nContent-Type: {contentType}\r\nContent-Length: {bytes.Length}\r\n\r\n");
        foreach (byte b in bytes)
        {
            await peer.SendAsync(new[] { b });
        }

        Assert.Equal("Zoë is 7", (await peer.ReceiveAsync()).Text);
        Assert.Equal("nobody", (await peer.PostAsync("/json", contentType, "null"u8.ToArray())).Text);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("text/plain")]
    [InlineData("application/jsonp")]
    [InlineData("application/+json")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("application/x-www-form-urlencoded")]
    public async Task Json_that_isnt_declared_as_such_is_refused_unless_the_handler_takes_it(string? contentType)
    {
        using TestServer server = await StartAsync();
        using HttpPeer peer = await server.ConnectAsync();

        Assert.Equal(415, (await peer.PostAsync("/json", contentType, "{\"Name\":\"a\",\"Age\":1}"u8.ToArray())).Status);
        Assert.Equal("a is 1", (await peer.PostAsync("/any-json", contentType, "{\"Name\":\"a\",\"Age\":1}"u8.ToArray())).Text);
        Assert.Empty(server.Log);
    }

    [Theory]
    [InlineData("", "The body is empty; it must be JSON.")]
    [InlineData("{\"Name\":\"a\",\n\"Age\":x}", "at line 2, byte 7 ($.Age).")]
    [InlineData("{\"Name\":\"a\",\"Age\":\"seven\"}", "($.Age).")]
    [InlineData("{\"Name\":\"a\",\"Age\":1", "at line 1")]
    [InlineData("{\"Name\":\"a\",\"Age\":1} x", "at line 1")]
    [InlineData("{\"Name\":\"\u00ff\",\"Age\":1}", "The body isn't JSON, or not of the form that is expected here")]
    public async Task Json_that_is_wrong_is_answered_400_with_the_position_and_nothing_of_the_program(string body, string reason)
    {
        using TestServer server = await StartAsync();
        using HttpPeer peer = await server.ConnectAsync();

        Answer answer = await peer.PostAsync("/json", "application/json", Encoding.Latin1.GetBytes(body));

        Assert.Equal(400, answer.Status);
        Assert.Contains(reason, answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("System", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Person", answer.Text, StringComparison.Ordinal);
        Assert.Equal("/after?", (await peer.AskAsync(Get)).Text);
        Assert.Empty(server.Log);
    }

    [Theory]
    [InlineData(50, 200)]
    [InlineData(100, 400)]
    [InlineData(100_000, 400)]
    public async Task Json_is_read_to_a_bounded_depth(int depth, int status)
    {
        using TestServer server = await StartAsync();
        using HttpPeer peer = await server.ConnectAsync();
        var body = new StringBuilder().Insert(0, "{\"Name\":\"a\",\"Age\":1,\"Friend\":", depth).Append("null").Append('}', depth);

        Task<Answer> asking = peer.PostAsync("/deep", "application/json", Encoding.ASCII.GetBytes(body.ToString()));

        Assert.Equal(status, (await asking).Status);
        Assert.Empty(server.Log);
    }

    [Fact]
    public async Task A_negative_limit_is_refused()
    {
        using TestServer server = await TestServer.StartAsync(static server => server.Get("/", async context =>
        {
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await context.Request.ReadBytesAsync(-1));
            context.Response.Send("refused");
        }));
        using HttpPeer peer = await server.ConnectAsync();

        Assert.Equal("refused", (await peer.AskAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n")).Text);
    }

    [Fact]
    public async Task A_request_without_a_body_is_an_empty_one()
    {
        using TestServer server = await StartAsync();
        using HttpPeer peer = await server.ConnectAsync();

        Assert.Equal("", (await peer.AskAsync("GET /text HTTP/1.1\r\nHost: a\r\n\r\n")).Text);
        Assert.Equal("0", (await peer.AskAsync("GET /bytes HTTP/1.1\r\nHost: a\r\n\r\n")).Text);
    }

    private static Task<TestServer> StartAsync() => TestServer.StartAsync(static server => server
        .Map("/text", static async context => context.Response.Send(await context.Request.ReadTextAsync()))
        .Map("/bytes", static async context => context.Response.Send($"{(await context.Request.ReadBytesAsync(20_000)).Length}"))
        .Map("/json", static async context => context.Response.Send(Describe(await context.Request.ReadJsonAsync(TestJson.Default.Person))))
        .Map("/any-json", static async context =>
            context.Response.Send(Describe(await context.Request.ReadJsonAsync(TestJson.Default.Person, anyContentType: true))))
        .Map("/deep", static async context =>
            context.Response.Send(Describe(await context.Request.ReadJsonAsync(TestJson.Default.Person, 10_000_000))))
        .Default(Handlers.Echo));

    private static string Describe(Person? person) => person is null ? "nobody" : $"{person.Name} is {person.Age}";
}
