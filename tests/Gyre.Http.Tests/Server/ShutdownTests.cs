namespace Gyre.Http.Tests.Server;

/// <summary>What becomes of connections when the server is cancelled. <see cref="TestServer"/> checks that nothing is left.</summary>
public sealed class ShutdownTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    [Theory]
    [InlineData("")]
    [InlineData(Get)]
    [InlineData("GET / HT")]
    [InlineData("POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc")]
    [InlineData("POST /unread HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc")]
    [InlineData("GET /sleep HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("nonsense\r\n\r\n")]
    public async Task A_connection_in_any_state_is_closed(string sent)
    {
        using TestServer server = await StartAsync();
        HttpPeer[] peers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => server.ConnectAsync()));
        foreach (HttpPeer peer in peers)
        {
            await peer.SendAsync(sent);
        }

        using HttpPeer last = await server.ConnectAsync();
        Assert.Equal(200, (await last.AskAsync(Get)).Status);
        server.Stop();

        foreach (HttpPeer peer in peers)
        {
            await ReceiveAllOrBreakAsync(peer);
            peer.Dispose();
        }

        Assert.Empty(server.Log);
    }

    [Fact]
    public async Task A_handler_that_is_suspended_sees_the_cancellation()
    {
        var ended = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        var inside = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using TestServer server = await TestServer.StartAsync(server => server.Get("/", async _ =>
        {
            try
            {
                inside.SetResult();
                await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
            }
            catch (Exception failure)
            {
                ended.SetResult(failure);
                throw;
            }
        }));
        using HttpPeer peer = await server.ConnectAsync();
        await peer.SendAsync(Get);
        await inside.Task.OrFail();

        server.Stop();

        Assert.IsType<OperationCanceledException>(await ended.Task.OrFail());
        await peer.ReceiveEndAsync();
        Assert.Empty(server.Log);
    }

    [Fact]
    public async Task A_handler_that_answers_in_spite_of_the_cancellation_harms_nobody()
    {
        var inside = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using TestServer server = await TestServer.StartAsync(server => server.Get("/", async context =>
        {
            try
            {
                inside.SetResult();
                await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
            }
            catch (OperationCanceledException)
            {
                context.Response.Send("I was cancelled");
            }
        }));
        using HttpPeer peer = await server.ConnectAsync();
        await peer.SendAsync(Get);
        await inside.Task.OrFail();

        server.Stop();

        await ReceiveAllOrBreakAsync(peer);
        Assert.Empty(server.Log);
    }

    [Fact]
    public async Task A_half_written_response_that_only_the_end_would_complete_doesnt_pass_for_whole()
    {
        var inside = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using TestServer server = await TestServer.StartAsync(server => server.Get("/", async context =>
        {
            await context.Response.WriteAsync("half"u8.ToArray());
            inside.SetResult();
            await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
        }));
        using HttpPeer peer = await server.ConnectAsync();
        await peer.SendAsync("GET / HTTP/1.0\r\n\r\n");
        await inside.Task.OrFail();

        server.Stop();

        await peer.ReceiveBreakAsync();
    }

    [Fact]
    public async Task A_peer_in_the_middle_of_a_large_response_doesnt_hold_up_the_end()
    {
        using TestServer server = await TestServer.StartAsync(server => server
            .Get("/", Handlers.Hello)
            .Get("/endless", async context =>
            {
                while (true)
                {
                    await context.Response.WriteAsync(new byte[100_000]);
                }
            }));
        using HttpPeer peer = await server.ConnectAsync();
        await peer.SendAsync("GET /endless HTTP/1.1\r\nHost: a\r\n\r\n");
        await peer.ReceiveHeadAsync();

        server.Stop();

        await peer.ReceiveBreakAsync();
        Assert.Empty(server.Log);
    }

    [Fact]
    public async Task New_connections_are_refused_afterwards()
    {
        using TestServer server = await TestServer.StartHelloAsync();
        server.Stop();

        await Assert.ThrowsAnyAsync<System.Net.Sockets.SocketException>(() => server.ConnectAsync());
    }

    private static Task<TestServer> StartAsync() => TestServer.StartAsync(server => server
        .Get("/", Handlers.Hello)
        .Map("/body", Handlers.EchoBody)
        .Map("/unread", Handlers.Hello)
        .Get("/sleep", async _ => await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan)));

    private static async Task ReceiveAllOrBreakAsync(HttpPeer peer)
    {
        try
        {
            await peer.ReceiveRestAsync();
        }
        catch (IOException)
        {
            // A reset is an end too: the server had input that it will never read.
        }
    }
}
