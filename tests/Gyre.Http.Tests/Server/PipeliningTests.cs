using System.Text;

namespace Gyre.Http.Tests.Server;

public sealed class PipeliningTests
{
    [Fact]
    public async Task A_thousand_requests_in_one_write_are_answered_in_order()
    {
        using TestServer server = await TestServer.StartAsync(server => server.Default(Handlers.Echo));
        using HttpPeer peer = await server.ConnectAsync();

        await peer.SendAsync(Requests(1000));

        await ReceiveInOrderAsync(peer, 1000);
    }

    [Fact]
    public async Task Requests_byte_by_byte_are_answered_in_order()
    {
        const int count = 20;
        using TestServer server = await TestServer.StartAsync(server => server.Default(Handlers.Echo));
        using HttpPeer peer = await server.ConnectAsync();

        foreach (char c in Requests(count))
        {
            await peer.SendAsync(c.ToString());
        }

        await ReceiveInOrderAsync(peer, count);
    }

    [Fact]
    public async Task Requests_with_bodies_between_others_are_answered_in_order()
    {
        using TestServer server = await TestServer.StartAsync(server => server.Default(Handlers.EchoBody));
        using HttpPeer peer = await server.ConnectAsync();
        const string get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
        const string length = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";
        const string chunks = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nde\r\n0\r\n\r\n";

        await peer.SendAsync(string.Concat(Enumerable.Repeat(get + length + chunks, 50)));

        for (int i = 0; i < 50; i++)
        {
            Assert.Equal("0:", (await peer.ReceiveAsync()).Text);
            Assert.Equal("3:abc", (await peer.ReceiveAsync()).Text);
            Assert.Equal("2:de", (await peer.ReceiveAsync()).Text);
        }
    }

    [Fact]
    public async Task A_peer_that_sends_ten_thousand_and_resets_harms_nobody()
    {
        using TestServer server = await TestServer.StartAsync(server => server.Default(Handlers.Echo));
        HttpPeer rude = await server.ConnectAsync();
        using HttpPeer polite = await server.ConnectAsync();

        Task sending = rude.SendAsFarAsPossibleAsync(Encoding.ASCII.GetBytes(Requests(10_000)));
        Assert.Equal("/0?", (await rude.ReceiveAsync()).Text);
        rude.Reset();
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await sending;
            await rude.ReceiveRestAsync();
        });

        Assert.Equal("/x?", (await polite.AskAsync("GET /x HTTP/1.1\r\nHost: a\r\n\r\n")).Text);
    }

    [Fact]
    public async Task A_peer_that_sends_requests_and_reads_nothing_fills_no_memory()
    {
        // What the kernel's buffers for one connection can hold at the most, several times over.
        const int responseBytes = 256 * 1024;
        const int requests = 1000;
        const int answeredMax = 200;
        int answered = 0;
        byte[] body = new byte[responseBytes];
        using TestServer server = await TestServer.StartAsync(server => server
            .Get("/large", context =>
            {
                answered++;
                context.Response.Send(body);
                return default;
            })
            .Get("/answered", context =>
            {
                context.Response.Send($"{answered}");
                return default;
            }));
        using HttpPeer greedy = await server.ConnectAsync();
        using HttpPeer other = await server.ConnectAsync();

        await greedy.SendAsync(string.Concat(Enumerable.Repeat("GET /large HTTP/1.1\r\nHost: a\r\n\r\n", requests)));
        int seen = 0;
        while (seen == 0)
        {
            seen = int.Parse((await other.AskAsync("GET /answered HTTP/1.1\r\nHost: a\r\n\r\n")).Text);
        }

        Assert.InRange(seen, 1, answeredMax);
        for (int i = 0; i < requests; i++)
        {
            Assert.Equal(responseBytes, (await greedy.ReceiveAsync()).Body.Length);
        }
    }

    [Fact]
    public async Task A_suspended_handler_holds_back_the_requests_behind_it()
    {
        using TestServer server = await TestServer.StartAsync(server => server
            .Get("/slow", async context =>
            {
                await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(5));
                context.Response.Send("slow");
            })
            .Get("/fast", context =>
            {
                context.Response.Send("fast");
                return default;
            }));
        using HttpPeer peer = await server.ConnectAsync();
        const string slow = "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n";
        const string fast = "GET /fast HTTP/1.1\r\nHost: a\r\n\r\n";

        await peer.SendAsync(string.Concat(Enumerable.Repeat(slow + fast + fast, 10)));

        for (int i = 0; i < 10; i++)
        {
            Assert.Equal("slow", (await peer.ReceiveAsync()).Text);
            Assert.Equal("fast", (await peer.ReceiveAsync()).Text);
            Assert.Equal("fast", (await peer.ReceiveAsync()).Text);
        }
    }

    private static string Requests(int count) =>
        string.Concat(Enumerable.Range(0, count).Select(i => $"GET /{i} HTTP/1.1\r\nHost: a\r\n\r\n"));

    private static async Task ReceiveInOrderAsync(HttpPeer peer, int count)
    {
        for (int i = 0; i < count; i++)
        {
            Assert.Equal($"/{i}?", (await peer.ReceiveAsync()).Text);
        }
    }
}
