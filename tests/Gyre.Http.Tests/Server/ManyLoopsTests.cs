using System.Net;
using Gyre.Http.Server;
using Gyre.Net;

namespace Gyre.Http.Tests.Server;

public sealed class ManyLoopsTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    [Fact]
    public async Task Requests_are_answered_on_every_loop()
    {
        using TestServer server = await TestServer.StartAsync(server => server.Get("/", AnswerLoopName), loops: 2);

        Assert.Equal(["loop-0", "loop-1"], await LoopsOfConnectionsAsync(server.EndPoint, 100));
    }

    [Fact]
    public async Task Connections_of_every_loop_end_with_the_server()
    {
        using TestServer server = await TestServer.StartHelloAsync(loops: 2);
        var peers = new List<HttpPeer>();
        for (int i = 0; i < 50; i++)
        {
            HttpPeer peer = await server.ConnectAsync();
            peers.Add(peer);
            await peer.AskAsync(Get);
        }

        server.Stop();

        foreach (HttpPeer peer in peers)
        {
            await peer.ReceiveEndAsync();
            peer.Dispose();
        }
    }

    [Fact]
    public async Task A_handler_that_fails_on_another_loop_ends_its_request_only()
    {
        using TestServer server = await TestServer.StartAsync(server => server.Default(static _ => throw new InvalidOperationException()), loops: 2);
        for (int i = 0; i < 20; i++)
        {
            using HttpPeer peer = await server.ConnectAsync();
            Assert.Equal(500, (await peer.AskAsync(Get)).Status);
            Assert.Equal(500, (await peer.AskAsync(Get)).Status);
        }
    }

    [Fact]
    public async Task One_listener_hands_connections_round_where_loops_cant_share()
    {
        string[] names = [];
        await RunHandRoundAsync(int.MaxValue, async endPoint => names = await LoopsOfConnectionsAsync(endPoint, 2));

        Assert.Equal(["loop-0", "loop-1"], names);
    }

    [Fact]
    public async Task Handing_round_passes_over_full_loops_and_waits_for_room()
    {
        await RunHandRoundAsync(1, async endPoint =>
        {
            HttpPeer[] peers = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => HttpPeer.ConnectAsync(endPoint)));
            await Task.WhenAll(peers.Select(async peer =>
            {
                using (peer)
                {
                    Assert.Equal(200, (await peer.AskAsync(Get)).Status);
                }
            }));
        });
    }

    [Fact]
    public Task A_connection_that_is_handed_to_a_server_that_has_ended_is_closed() => InLoop.RunMainAsync(async () =>
    {
        await using TcpListener listener = TcpListener.Listen(new IPEndPoint(IPAddress.Loopback, 0));
        using HttpPeer peer = await InLoop.ConnectAsync(listener.LocalEndPoint);
        DetachedTcpConnection connection = await listener.AcceptDetachedAsync();
        var server = new LoopServer(new HttpServerOptions(), AnswerLoopName, new EssentialPaths(), new ConnectionLimit(1, 1));
        Assert.True(server.TryKeepPlaceFromAnyThread());
        await CancelScope.RunAsync(async scope =>
        {
            scope.Cancel();
            await server.RunAsync();
        });

        server.TakeFromAnyThread(connection);

        await peer.ReceiveBreakAsync();
        Assert.True(server.TryKeepPlaceFromAnyThread(), "The place was not given up.");
    });

    [Fact]
    public Task A_drain_that_comes_before_the_hand_round_stops_it_all_the_same() => InLoop.RunMainAsync(
        async () =>
        {
            GroupServer group = NewHandRound(int.MaxValue);
            Task run = group.RunAsync(null);
            await group.DrainAsync();
            await run;
        },
        loops: 2);

    private static ValueTask AnswerLoopName(HttpContext context)
    {
        context.Response.Send(EventLoop.Current.Name);
        return default;
    }

    private static async Task<string[]> LoopsOfConnectionsAsync(IPEndPoint endPoint, int connections)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < connections; i++)
        {
            using HttpPeer peer = await HttpPeer.ConnectAsync(endPoint);
            names.Add((await peer.AskAsync(Get)).Text);
        }

        return [.. names];
    }

    /// <summary>
    /// Serves on two loops by handing round, whether or not the driver could share, while <paramref name="test"/> runs
    /// elsewhere.
    /// </summary>
    private static async Task RunHandRoundAsync(int connectionsMax, Func<IPEndPoint, Task> test)
    {
        var bound = new TaskCompletionSource<IPEndPoint>(TaskCreationOptions.RunContinuationsAsynchronously);
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                GyreRuntime.Run(
                    () => TaskGroup.RunAsync(async group =>
                    {
                        group.Spawn(() => NewHandRound(connectionsMax).RunAsync(bound.SetResult), "server");
                        await over.Task;
                        group.Cancel("the test is over");
                    }),
                    new RuntimeOptions { Loops = 2, HandleSignals = false });
                bound.TrySetCanceled();
            }
#pragma warning disable CA1031 // Rethrown to the test.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                bound.TrySetException(failure);
            }
        })
        {
            IsBackground = true,
        };
        thread.Start();
        try
        {
            await test(await bound.Task.OrFail());
        }
        finally
        {
            over.TrySetResult();
        }

        Assert.True(thread.Join(Patience.Limit), "The server didn't end after it was cancelled.");
    }

    private static GroupServer NewHandRound(int connectionsMax)
    {
        var endpoint = new HttpEndpoint(new IPEndPoint(IPAddress.Loopback, 0));
        var limit = new ConnectionLimit(connectionsMax, 64);
        return new GroupServer(new HttpServerOptions(), endpoint, AnswerLoopName, limit, EventLoopGroup.Current.Loops) { MayShare = false };
    }
}
