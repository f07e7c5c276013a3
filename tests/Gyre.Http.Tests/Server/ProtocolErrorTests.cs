using System.Text;
using Gyre.Http.Protocol;

namespace Gyre.Http.Tests.Server;

public sealed class ProtocolErrorTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    public static TheoryData<string, int> BadRequests => new()
    {
        { "nonsense\r\n\r\n", 400 },
        { "GET / HTTP/1.1\r\n\r\n", 400 },
        { "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400 },
        { "GET / HTTP/1.1\nHost: a\n\n", 400 },
        { "GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400 },
        { "GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n", 400 },
        { "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505 },
        { $"GET /{new string('x', 9000)} HTTP/1.1\r\nHost: a\r\n\r\n", 414 },
        { $"GET / HTTP/1.1\r\nHost: a\r\nX: {new string('x', 40_000)}\r\n\r\n", 431 },
        { $"GET / HTTP/1.1\r\nHost: a\r\n{string.Concat(Enumerable.Repeat("X: y\r\n", 101))}\r\n", 431 },
        { "POST / HTTP/1.1\r\nHost: a\r\nExpect: miracles\r\nContent-Length: 1\r\n\r\n", 417 },
        { "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501 },
        { "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003\r\n", 400 },
    };

    public static TheoryData<string> SmugglingShapes =>
    [
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: 5\r\nContent-Length: 5\r\n",
        "Content-Length: 5, 5\r\n",
        "Content-Length: +5\r\n",
        "Content-Length: 05\r\n",
        "Content-Length: 5 5\r\n",
        "Content-Length: 0x5\r\n",
        "Content-Length: -5\r\n",
        "Content-Length:\r\n",
        "Content-Length : 5\r\n",
        "Content-Length: 99999999999999999999\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked, chunked\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding:\tchunked\r\n",
        "Transfer-Encoding: chunked\u000b\r\n",
        "X: y\rTransfer-Encoding: chunked\r\n",
        "X: y\nTransfer-Encoding: chunked\r\n",
        "X: y\0\r\n",
    ];

    [Theory]
    [MemberData(nameof(BadRequests), DisableDiscoveryEnumeration = true)]
    public async Task A_bad_request_is_answered_and_the_connection_ends(string request, int status)
    {
        using TestServer server = await TestServer.StartHelloAsync();
        using HttpPeer peer = await server.ConnectAsync();

        await peer.SendAsync(Get + request + Get);

        Assert.Equal(200, (await peer.ReceiveAsync()).Status);
        Answer answer = await peer.ReceiveAsync();
        Assert.Equal(status, answer.Status);
        Assert.Equal("close", answer["Connection"]);
        Assert.Equal("text/plain; charset=utf-8", answer["Content-Type"]);
        Assert.NotEmpty(answer.Text);
        await peer.ReceiveEndAsync();
    }

    [Theory]
    [MemberData(nameof(SmugglingShapes), DisableDiscoveryEnumeration = true)]
    public async Task What_two_readers_could_frame_differently_is_answered_with_400_and_nothing_behind_it_is_read(string headers)
    {
        using TestServer server = await TestServer.StartAsync(server => server.Default(Handlers.EchoBody));
        using HttpPeer peer = await server.ConnectAsync();

        await peer.SendAsync($"POST / HTTP/1.1\r\nHost: a\r\n{headers}\r\n0\r\n\r\n{Get}");

        Assert.Equal(400, (await peer.ReceiveAsync()).Status);
        await peer.ReceiveEndAsync();
    }

    [Fact]
    public async Task Http_1_0_with_chunks_is_refused()
    {
        using TestServer server = await TestServer.StartAsync(server => server.Default(Handlers.EchoBody));
        using HttpPeer peer = await server.ConnectAsync();

        await peer.SendAsync("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");

        Assert.Equal(400, (await peer.ReceiveAsync()).Status);
        await peer.ReceiveEndAsync();
    }

    [Fact]
    public async Task A_peer_that_sends_on_gets_the_error_and_no_reset()
    {
        byte[] rest = Encoding.ASCII.GetBytes(new string('x', 200_000));
        using TestServer server = await TestServer.StartHelloAsync();
        using HttpPeer peer = await server.ConnectAsync();

        Answer answer = await peer.AskAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n");
        Assert.Equal(400, answer.Status);
        await peer.ReceiveEndAsync();

        // Had the server closed its socket, the first of these would be answered with a reset and break the next.
        for (int i = 0; i < rest.Length; i += 10_000)
        {
            await peer.SendAsync(rest.AsMemory(i, 10_000));
        }

        peer.EndSending();
        await peer.ReceiveEndAsync();
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_answered_while_the_peer_still_sends_it()
    {
        var options = new HttpServerOptions { Limits = new HttpLimits { BodyBytesMax = 1000 } };
        using TestServer server = await TestServer.StartAsync(server => server.Default(Handlers.EchoBody), options);
        using HttpPeer peer = await server.ConnectAsync();

        Task sending = peer.SendAsync($"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n{new string('x', 200_000)}");

        Assert.Equal(413, (await peer.ReceiveAsync()).Status);
        await sending;
        await peer.ReceiveEndAsync();
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: a")]
    [InlineData("GET / HTTP/1.1\r\n")]
    [InlineData("G")]
    public async Task A_head_that_is_cut_short_is_answered_when_the_peer_ends_sending(string cut)
    {
        using TestServer server = await TestServer.StartHelloAsync();
        using HttpPeer peer = await server.ConnectAsync();

        await peer.SendAsync(cut);
        peer.EndSending();

        Assert.Equal(400, (await peer.ReceiveAsync()).Status);
        await peer.ReceiveEndAsync();
    }

    [Theory]
    [InlineData("")]
    [InlineData("\r\n")]
    public async Task A_peer_that_ends_sending_between_requests_is_no_error(string between)
    {
        using TestServer server = await TestServer.StartHelloAsync();
        using HttpPeer peer = await server.ConnectAsync();

        Assert.Equal(200, (await peer.AskAsync(Get + between)).Status);
        peer.EndSending();

        await peer.ReceiveEndAsync();
    }
}
