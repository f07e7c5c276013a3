using Gyre.Files;
namespace Gyre.Http.Tests.Server;

/// <summary>Peers that leave early, in order or not.</summary>
public sealed class HangUpTests
{
    private static readonly HttpServerOptions s_halfCloseIsFine = new() { HalfCloseCancels = false, DrainTimeout = TimeSpan.Zero };

    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    [Fact]
    public async Task A_peer_that_ends_sending_behind_its_request_still_gets_the_answer()
    {
        using TestServer server = await TestServer.StartHelloAsync();
        using HttpPeer peer = await server.ConnectAsync();

        await peer.SendAsync(Get);
        peer.EndSending();

        Assert.Equal("Hello, World!", (await peer.ReceiveAsync()).Text);
        await peer.ReceiveEndAsync();
    }

    [Fact]
    public async Task A_peer_that_ends_sending_still_gets_the_answers_of_suspended_handlers()
    {
        using TestServer server = await TestServer.StartAsync(server => server.Get("/", async context =>
        {
            await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(20));
            context.Response.Send("slow");
        }), s_halfCloseIsFine);
        using HttpPeer peer = await server.ConnectAsync();

        await peer.SendAsync(Get + Get);
        peer.EndSending();

        Assert.Equal("slow", (await peer.ReceiveAsync()).Text);
        Assert.Equal("slow", (await peer.ReceiveAsync()).Text);
        await peer.ReceiveEndAsync();
    }

    [Fact]
    public async Task A_peer_that_ends_sending_still_gets_a_large_response()
    {
        byte[] body = new byte[5_000_000];
        using TestServer server = await TestServer.StartAsync(server => server.Get("/", async context =>
        {
            for (int i = 0; i < 50; i++)
            {
                await context.Response.WriteAsync(body.AsMemory(0, body.Length / 50));
            }
        }), s_halfCloseIsFine);
        using HttpPeer peer = await server.ConnectAsync(receiveBufferBytes: 8192);

        await peer.SendAsync(Get);
        peer.EndSending();

        Assert.Equal(body.Length, (await peer.ReceiveAsync()).Body.Length);
        await peer.ReceiveEndAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_handler_learns_that_its_peer_left_within_the_response(bool withReset)
    {
        byte[] piece = new byte[100_000];
        var failed = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        using TestServer server = await TestServer.StartAsync(server => server.Get("/", async context =>
        {
            try
            {
                while (true)
                {
                    await context.Response.WriteAsync(piece);
                }
            }
            catch (Exception failure)
            {
                failed.SetResult(failure);
                throw;
            }
        }));
        HttpPeer peer = await server.ConnectAsync();

        await peer.SendAsync(Get);
        await peer.ReceiveHeadAsync();
        if (withReset)
        {
            peer.Reset();
        }
        else
        {
            peer.Dispose();
        }

        // The send failed, or the end of the input was seen before that and cancelled the handler.
        Assert.True(await failed.Task.OrFail() is IOException or OperationCanceledException);
        server.Stop();
        Assert.Empty(server.Log);
    }

    /// <summary>The system took 2 MB and more for a peer that read nothing, and only what went beyond that was under a deadline.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_peer_that_takes_nothing_is_hung_up_on_whatever_the_system_holds_for_it(bool isFile)
    {
        string folder = Directory.CreateTempSubdirectory("gyre-slow").FullName;
        await File.WriteAllBytesAsync(Path.Combine(folder, "big"), new byte[30_000_000]);
        using FileRoot root = FileRoot.Open(folder);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        HttpServerOptions options = new() { BodyGrace = TimeSpan.FromMilliseconds(100), BodyBytesPerSecondMin = 1000, DrainTimeout = TimeSpan.Zero };
        using TestServer server = await TestServer.StartAsync(server => server.Get("/", async context =>
        {
            try
            {
                if (isFile)
                {
                    await context.Response.SendFileAsync(root, "big");
                }

                for (int i = 0; !isFile && i < 300; i++)
                {
                    await context.Response.WriteAsync(new byte[100_000]);
                }
            }
            finally
            {
                ended.SetResult();
            }
        }), options);
        Assert.SkipWhen(server.DriverName == "sockets", "driver: the BCL's sockets don't tell what a peer acknowledged.");
        using HttpPeer peer = await server.ConnectAsync(receiveBufferBytes: 8192);

        await peer.SendAsync(Get);

        // By the bytes that were handed over alone it would be minutes.
        await ended.Task.OrFail();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_peer_that_leaves_while_its_handler_is_suspended_harms_nobody()
    {
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int ended = 0;
        using TestServer server = await TestServer.StartAsync(server => server
            .Get("/", Handlers.Hello)
            .Get("/slow", async context =>
            {
                await left.Task;
                context.Response.Send(new byte[1_000_000]);
                ended++;
            }));
        HttpPeer rude = await server.ConnectAsync();
        using HttpPeer other = await server.ConnectAsync();

        await rude.SendAsync("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Equal("Hello, World!", (await other.AskAsync(Get)).Text);
        rude.Reset();
        left.SetResult();

        while (await server.OnLoopAsync(() => ended) == 0)
        {
            Assert.Equal("Hello, World!", (await other.AskAsync(Get)).Text);
        }
    }

    [Fact]
    public async Task Hundreds_of_peers_that_come_and_go_leave_nothing()
    {
        using TestServer server = await TestServer.StartHelloAsync();
        for (int i = 0; i < 300; i++)
        {
            HttpPeer peer = await server.ConnectAsync();
            switch (i % 4)
            {
                case 0:
                    await peer.AskAsync(Get);
                    peer.Dispose();
                    break;
                case 1:
                    await peer.SendAsync(Get);
                    peer.Reset();
                    break;
                case 2:
                    await peer.SendAsync("GET / HT");
                    peer.Dispose();
                    break;
                default:
                    peer.Reset();
                    break;
            }
        }

        using HttpPeer last = await server.ConnectAsync();
        Assert.Equal("Hello, World!", (await last.AskAsync(Get)).Text);
    }
}
