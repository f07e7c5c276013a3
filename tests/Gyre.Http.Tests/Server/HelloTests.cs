using System.Globalization;

namespace Gyre.Http.Tests.Server;

public sealed class HelloTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    [Fact]
    public async Task A_get_is_answered_with_exactly_these_headers()
    {
        using TestServer server = await TestServer.StartHelloAsync();
        using HttpPeer peer = await server.ConnectAsync();

        Answer answer = await peer.AskAsync(Get);

        Assert.Equal("Hello, World!", answer.Text);
        Assert.Equal(
            ["HTTP/1.1 200 OK", $"Date: {answer["Date"]}", "Content-Type: text/plain", "Content-Length: 13"], answer.Lines);
    }

    [Fact]
    public async Task The_date_is_the_present_time_and_goes_on()
    {
        using TestServer server = await TestServer.StartHelloAsync();
        using HttpPeer peer = await server.ConnectAsync();
        DateTime before = DateTime.UtcNow;

        DateTime first = DateOf(await peer.AskAsync(Get));
        Assert.InRange(first, before.AddSeconds(-3), before.Add(Patience.Limit));
        DateTime later = first;
        while (later == first)
        {
            later = DateOf(await peer.AskAsync(Get));
        }

        Assert.True(later > first);
    }

    [Fact]
    public async Task A_head_request_gets_the_head_alone_and_the_connection_goes_on()
    {
        using TestServer server = await TestServer.StartHelloAsync();
        using HttpPeer peer = await server.ConnectAsync();

        Answer head = await peer.AskAsync("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", isHead: true);
        Answer next = await peer.AskAsync(Get);

        Assert.Equal("13", head["Content-Length"]);
        Assert.Equal("Hello, World!", next.Text);
    }

    [Theory]
    [InlineData("GET /other HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("GET /%2f HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("GET // HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("POST /other HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")]
    [InlineData("OPTIONS /other HTTP/1.1\r\nHost: a\r\n\r\n")]
    public async Task What_no_route_takes_is_not_found_and_the_connection_goes_on(string request)
    {
        using TestServer server = await TestServer.StartHelloAsync();
        using HttpPeer peer = await server.ConnectAsync();

        Answer answer = await peer.AskAsync(request);

        Assert.Equal(404, answer.Status);
        Assert.Equal("Not found", answer.Text);
        Assert.Equal(200, (await peer.AskAsync(Get)).Status);
    }

    [Theory]
    [InlineData("GET /?x=1 HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("GET http://a HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")]
    public async Task Other_spellings_of_the_same_target_find_the_route(string request)
    {
        using TestServer server = await TestServer.StartHelloAsync();
        using HttpPeer peer = await server.ConnectAsync();

        Assert.Equal(200, (await peer.AskAsync(request)).Status);
    }

    [Fact]
    public async Task A_connection_carries_many_requests()
    {
        using TestServer server = await TestServer.StartAsync(server => server.Default(Handlers.Echo));
        using HttpPeer peer = await server.ConnectAsync();
        for (int i = 0; i < 200; i++)
        {
            Answer answer = await peer.AskAsync($"GET /{i} HTTP/1.1\r\nHost: a\r\n\r\n");
            Assert.Equal($"/{i}?", answer.Text);
            Assert.Null(answer["Connection"]);
        }
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")]
    [InlineData("GET / HTTP/1.0\r\n\r\n")]
    [InlineData("GET / HTTP/1.0\r\nConnection: close\r\n\r\n")]
    public async Task A_connection_that_isnt_to_be_kept_is_closed_after_the_answer(string request)
    {
        using TestServer server = await TestServer.StartHelloAsync();
        using HttpPeer peer = await server.ConnectAsync();

        Answer answer = await peer.AskAsync(request);

        Assert.Equal("Hello, World!", answer.Text);
        Assert.Equal("close", answer["Connection"]);
        await peer.ReceiveEndAsync();
    }

    [Fact]
    public async Task Http_1_0_keeps_a_connection_when_it_asks_to()
    {
        const string request = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
        using TestServer server = await TestServer.StartHelloAsync();
        using HttpPeer peer = await server.ConnectAsync();

        Assert.Equal("keep-alive", (await peer.AskAsync(request))["Connection"]);
        Assert.Equal("Hello, World!", (await peer.AskAsync(request)).Text);
    }

    private static DateTime DateOf(Answer answer) => DateTime.ParseExact(
        answer["Date"]!, "R", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
}
