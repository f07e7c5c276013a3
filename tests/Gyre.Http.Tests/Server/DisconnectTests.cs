using System.Net;
using Gyre.Net;

namespace Gyre.Http.Tests.Server;

/// <summary>A client that leaves ends the waits of the handler that runs for it, on a real loop and in simulated worlds.</summary>
public sealed class DisconnectTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private const string Fast = "GET /fast HTTP/1.1\r\nHost: a\r\n\r\n";
    private const string Post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n";

    private static readonly HttpServerOptions s_options = new() { DrainTimeout = TimeSpan.Zero, Logger = LineLogger.Silent };

    /// <summary>How a client leaves.</summary>
    public enum Leaving
    {
        WithReset,
        InOrder,
        HalfWay,
    }

    [Theory]
    [InlineData(Leaving.WithReset, "the client broke the connection")]
    [InlineData(Leaving.InOrder, "the client ")]
    [InlineData(Leaving.HalfWay, "the client ended its side of the connection")]
    public Task A_handler_that_sleeps_is_told_why(Leaving how, string reason) => EverywhereAsync(async run =>
    {
        run.Handler = static async _ => await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
        await using TcpConnection client = await run.ConnectAsync(Get);

        Leave(client, how);
        Exception seen = await run.HandlerEnd;

        Assert.IsType<OperationCanceledException>(seen);
        Assert.Contains(reason, seen.Message, StringComparison.Ordinal);
        Assert.True(run.WasAborted);
        Assert.True(run.Aborted.IsCancellationRequested);
    });

    [Theory]
    [InlineData(Leaving.WithReset)]
    [InlineData(Leaving.InOrder)]
    [InlineData(Leaving.HalfWay)]
    public Task A_handler_that_reads_its_body_is_told(Leaving how) => EverywhereAsync(async run =>
    {
        run.Handler = static async context => await context.Request.ReadBodyAsync(new byte[10]);
        await using TcpConnection client = await run.ConnectAsync(Post);

        Leave(client, how);

        // The read may find the end before the cancellation does.
        Assert.True(await run.HandlerEnd is OperationCanceledException or IOException or Gyre.Http.Protocol.RemoteProtocolException);
    });

    [Theory]
    [InlineData(Leaving.WithReset)]
    [InlineData(Leaving.InOrder)]
    [InlineData(Leaving.HalfWay)]
    public Task A_handler_that_writes_more_than_is_taken_is_told(Leaving how) => EverywhereAsync(async run =>
    {
        run.Handler = static async context =>
        {
            while (true)
            {
                await context.Response.WriteAsync(new byte[100_000]);
            }
        };
        await using TcpConnection client = await run.ConnectAsync(Get);

        Leave(client, how);

        Assert.True(await run.HandlerEnd is OperationCanceledException or IOException);
    });

    [Fact]
    public Task A_client_that_only_ends_its_side_is_answered_when_the_option_says_so() => EverywhereAsync(
        async run =>
        {
            run.Handler = static async context =>
            {
                await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(20));
                Assert.False(context.IsAborted);
                context.Response.Send("all the same");
            };
            await using TcpConnection client = await run.ConnectAsync(Get);
            var peer = new HttpPeer(client.AsStream());

            Leave(client, Leaving.HalfWay);

            Assert.Equal("all the same", (await peer.ReceiveAsync()).Text);
            await peer.ReceiveEndAsync();
        },
        s_options with { HalfCloseCancels = false });

    [Fact]
    public Task A_shielded_clean_up_runs_to_its_end() => EverywhereAsync(async run =>
    {
        bool isCleanedUp = false;
        run.Handler = async _ =>
        {
            try
            {
                await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
            }
            finally
            {
                await CancelScope.RunAsync(async scope =>
                {
                    scope.Shield = true;
                    await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(20));
                    isCleanedUp = true;
                });
            }
        };
        await using TcpConnection client = await run.ConnectAsync(Get);

        Leave(client, Leaving.WithReset);
        await run.HandlerEnd;

        Assert.True(isCleanedUp);
    });

    [Fact]
    public Task Children_of_a_handler_end_with_it() => EverywhereAsync(async run =>
    {
        int ended = 0;
        run.Handler = _ => new ValueTask(TaskGroup.RunAsync(group =>
        {
            for (int i = 0; i < 10; i++)
            {
                group.Spawn(async () =>
                {
                    try
                    {
                        await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
                    }
                    finally
                    {
                        ended++;
                    }
                });
            }

            return Task.CompletedTask;
        }));
        await using TcpConnection client = await run.ConnectAsync(Get);

        Leave(client, Leaving.WithReset);

        Assert.IsType<OperationCanceledException>(await run.HandlerEnd);
        Assert.Equal(10, ended);
    });

    [Fact]
    public Task Answers_to_earlier_requests_of_one_write_arrive_before_the_slow_one_ends() => EverywhereAsync(async run =>
    {
        run.Handler = static async _ => await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
        await using TcpConnection client = await run.ConnectAsync(Fast + Fast + Get + Fast);
        var peer = new HttpPeer(client.AsStream());

        Assert.Equal("Hello, World!", (await peer.ReceiveAsync()).Text);
        Assert.Equal("Hello, World!", (await peer.ReceiveAsync()).Text);
        Leave(client, Leaving.HalfWay);

        await run.HandlerEnd;
        await ReceiveNothingMoreAsync(peer);
    });

    [Fact]
    public Task A_handler_that_lets_the_cancellation_pass_harms_nobody() => EverywhereAsync(async run =>
    {
        run.Handler = static async context =>
        {
            try
            {
                await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
            }
            catch (OperationCanceledException)
            {
                // On purpose.
            }

            context.Response.Send("whatever");
        };
        await using TcpConnection client = await run.ConnectAsync(Get);
        var peer = new HttpPeer(client.AsStream());

        Leave(client, Leaving.HalfWay);

        Assert.Equal("whatever", (await peer.ReceiveAsync()).Text);
        await peer.ReceiveEndAsync();
        await run.VerifyServesAsync();
    });

    [Fact]
    public Task A_response_that_was_cancelled_half_way_doesnt_pass_for_whole() => EverywhereAsync(async run =>
    {
        run.Handler = static async context =>
        {
            await context.Response.WriteAsync("half"u8.ToArray());
            await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
        };
        await using TcpConnection client = await run.ConnectAsync("GET / HTTP/1.0\r\n\r\n");
        var peer = new HttpPeer(client.AsStream());
        await peer.ReceiveHeadAsync();

        Leave(client, Leaving.HalfWay);

        await peer.ReceiveBreakAsync();
    });

    /// <summary>What isn't given back would be missing for the next one.</summary>
    [Fact]
    public Task A_request_whose_client_left_is_in_flight_no_more() => EverywhereAsync(
        async run =>
        {
            for (int i = 0; i < 5; i++)
            {
                run.Handler = static async _ => await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
                await using TcpConnection client = await run.ConnectAsync(Get);
                Leave(client, (Leaving)(i % 3));
                await run.HandlerEnd;
                await Coroutine.YieldAsync();
            }

            await run.VerifyServesAsync();
        },
        s_options with { RequestsPerLoopMax = 1 });

    [Fact]
    public async Task A_thousand_clients_that_leave_at_once_leave_nothing()
    {
        const int clients = 1000;
        int started = 0;
        int ended = 0;
        using TestServer server = await TestServer.StartAsync(server => server.Get("/fast", Handlers.Hello).Get("/", async _ =>
        {
            started++;
            try
            {
                await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
            }
            finally
            {
                ended++;
            }
        }));
        var peers = new List<HttpPeer>();
        for (int i = 0; i < clients; i++)
        {
            HttpPeer peer = await server.ConnectAsync();
            await peer.SendAsync(Get);
            peers.Add(peer);
        }

        using HttpPeer last = await server.ConnectAsync();
        while (await server.OnLoopAsync(() => started) < clients)
        {
            Assert.Equal(200, (await last.AskAsync(Fast)).Status);
        }

        for (int i = 0; i < clients; i++)
        {
            if (i % 2 == 0)
            {
                peers[i].Reset();
            }
            else
            {
                peers[i].Dispose();
            }
        }

        while (await server.OnLoopAsync(() => ended) < clients)
        {
            Assert.Equal(200, (await last.AskAsync(Fast)).Status);
        }

        Assert.Empty(server.Log);
    }

    /// <summary>Each seed has other moments and other orders; whatever has begun ends, and the loop is left empty.</summary>
    [Fact]
    public void Clients_that_leave_at_any_moment_leave_nothing_in_simulated_worlds()
    {
        int seed = 0;
        int started = 0;
        int ended = 0;
        var server = new HttpServer(s_options);
        server.Map("/", async context =>
        {
            started++;
            try
            {
                await context.Request.ReadBodyAsync(new byte[100]);
                await context.Response.WriteAsync(new byte[10_000]);
                await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(20));
                await context.Response.WriteAsync(new byte[100_000]);
            }
            finally
            {
                ended++;
            }
        });
        InLoop.Simulate(server, async endPoint =>
        {
            var random = new Random(++seed);
            await TaskGroup.RunAsync(group =>
            {
                for (int i = 0; i < 30; i++)
                {
                    int delay = random.Next(60);
                    var how = (Leaving)random.Next(3);
                    string request = random.Next(2) == 0 ? Get + Get : Post + "0123456789" + Post + "01";
                    group.Spawn(async () =>
                    {
                        await using TcpConnection client = await TcpConnection.ConnectAsync(endPoint);
                        await client.AsStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes(request));
                        await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(delay));
                        Leave(client, how);
                        await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(random.Next(30)));
                    });
                }

                return Task.CompletedTask;
            });
            while (ended < started)
            {
                await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(1));
            }
        });
        Assert.NotEqual(0, started);
    }

    private static void Leave(TcpConnection client, Leaving how)
    {
        switch (how)
        {
            case Leaving.WithReset:
                client.Abort();
                break;
            case Leaving.InOrder:
                _ = client.DisposeAsync();
                break;
            default:
                client.Output.Complete();
                break;
        }
    }

    private static async Task ReceiveNothingMoreAsync(HttpPeer peer)
    {
        try
        {
            await peer.ReceiveEndAsync();
        }
        catch (IOException)
        {
            // A reset is an end too: the requests behind were never read.
        }
    }

    private static async Task EverywhereAsync(Func<OneRun, Task> test, HttpServerOptions? options = null)
    {
        var real = new OneRun(options ?? s_options);
        await InLoop.RunAsync(real.Server, endPoint => real.RunAsync(endPoint, test));
        var simulated = new OneRun(options ?? s_options);
        InLoop.Simulate(simulated.Server, endPoint => simulated.RunAsync(endPoint, test));
    }

    /// <summary>A server with one handler under test, and what became of it.</summary>
    private sealed class OneRun
    {
        private TaskCompletionSource _inside = new();
        private TaskCompletionSource<Exception> _end = new();
        private IPEndPoint _endPoint = new(IPAddress.Loopback, 0);

        public OneRun(HttpServerOptions options)
        {
            Server = new HttpServer(options);
            Server.Map("/", InvokeAsync).Get("/fast", Handlers.Hello);
        }

        public HttpServer Server { get; }

        public HttpHandler Handler { get; set; } = Handlers.Hello;

        public Task<Exception> HandlerEnd => _end.Task;

        public bool WasAborted { get; private set; }

        public CancellationToken Aborted { get; private set; }

        public Task RunAsync(IPEndPoint endPoint, Func<OneRun, Task> test)
        {
            _endPoint = endPoint;
            return test(this);
        }

        /// <summary>A client whose request is in the handler, which waits.</summary>
        public async Task<TcpConnection> ConnectAsync(string request)
        {
            _inside = new TaskCompletionSource();
            _end = new TaskCompletionSource<Exception>();
            TcpConnection client = await TcpConnection.ConnectAsync(_endPoint);
            await client.AsStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes(request));
            await _inside.Task;
            return client;
        }

        public async Task VerifyServesAsync()
        {
            Handler = Handlers.Hello;
            using HttpPeer peer = await InLoop.ConnectAsync(_endPoint);
            Assert.Equal(200, (await peer.AskAsync(Get)).Status);
            Assert.Equal(200, (await peer.AskAsync(Get)).Status);
        }

        private async ValueTask InvokeAsync(HttpContext context)
        {
            Aborted = context.Aborted;
            try
            {
                ValueTask pending = Handler(context);
                _inside.TrySetResult();
                await pending;
            }
            catch (Exception failure)
            {
                WasAborted = context.IsAborted;
                _end.TrySetResult(failure);
                throw;
            }
        }
    }
}
