using System.Net;
using Gyre.Http.Server;
using Gyre.Net;
using Gyre.Simulation;

namespace Gyre.Http.Tests.Server;

/// <summary>A server that is cancelled finishes what it has begun, in virtual time but where loops are many.</summary>
public sealed class DrainTests
{
    private const int Seeds = 10;
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private const string Slow = "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n";
    private const string Halves = "GET /halves HTTP/1.1\r\nHost: a\r\n\r\n";
    private const string Stuck = "GET /stuck HTTP/1.1\r\nHost: a\r\n\r\n";

    private static readonly TimeSpan s_slow = TimeSpan.FromSeconds(3);

    private static readonly HttpServerOptions s_options = new() { Logger = LineLogger.Silent };

    private static TimeSpan Now => EventLoop.Current.Time;

    [Fact]
    public void Readiness_goes_first_then_new_connections_then_requests() => Simulate(
        async run =>
        {
            Assert.True(run.Server.IsReady);
            using HttpPeer busy = await InLoop.ConnectAsync(run.EndPoint);
            await busy.SendAsync(Slow);
            await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(10));

            run.Cancel();
            await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(10));

            Assert.False(run.Server.IsReady);
            using HttpPeer late = await InLoop.ConnectAsync(run.EndPoint);
            Answer asBefore = await late.AskAsync(Get);
            Assert.Equal(200, asBefore.Status);
            Assert.Null(asBefore["Connection"]);

            await Coroutine.SleepAsync(TimeSpan.FromSeconds(1.5));
            await Assert.ThrowsAnyAsync<System.Net.Sockets.SocketException>(() => InLoop.ConnectAsync(run.EndPoint));
            Answer last = await busy.ReceiveAsync();
            Assert.Equal("slow", last.Text);
            Assert.Equal("close", last["Connection"]);
            await busy.ReceiveEndAsync();
            await run.EndAsync();
        },
        s_options with { DrainDelay = TimeSpan.FromSeconds(1) });

    [Fact]
    public void Idle_connections_are_kept_a_moment_and_a_request_on_its_way_is_answered() => Simulate(async run =>
    {
        using HttpPeer silent = await InLoop.ConnectAsync(run.EndPoint);
        using HttpPeer fresh = await InLoop.ConnectAsync(run.EndPoint);
        using HttpPeer idle = await InLoop.ConnectAsync(run.EndPoint);
        await idle.AskAsync(Get);
        await silent.AskAsync(Get);
        TimeSpan began = Now;
        run.Cancel();
        await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(300));

        Answer answer = await idle.AskAsync(Get);

        Assert.Equal("Hello, World!", answer.Text);
        Assert.Equal("close", answer["Connection"]);
        await idle.ReceiveEndAsync();
        await silent.ReceiveEndAsync();
        await fresh.ReceiveEndAsync();
        await run.EndAsync();
        Assert.InRange(Now - began, s_options.DrainIdleTime, s_options.DrainIdleTime + TimeSpan.FromSeconds(1));
    });

    [Fact]
    public void Requests_of_one_write_end_with_the_first_that_says_close() => Simulate(async run =>
    {
        using HttpPeer peer = await InLoop.ConnectAsync(run.EndPoint);
        await peer.SendAsync(Slow + Get);
        await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(10));
        run.Cancel();

        Assert.Equal("close", (await peer.ReceiveAsync())["Connection"]);

        await peer.ReceiveEndAsync();
        await run.EndAsync();
    });

    /// <summary>Its head promised to keep the connection, and when it fell idle nobody was there to close it.</summary>
    [Fact]
    public void A_response_that_began_before_the_drain_and_ended_behind_the_idle_time_doesnt_hold_it_up() => Simulate(async run =>
    {
        using HttpPeer peer = await InLoop.ConnectAsync(run.EndPoint);
        await peer.SendAsync(Halves);
        Assert.DoesNotContain("close", await peer.ReceiveHeadAsync(), StringComparison.Ordinal);
        run.Cancel();

        Assert.Equal(8, (await peer.ReceiveChunksAsync()).Length);
        TimeSpan ended = Now;

        await peer.ReceiveEndAsync();
        await run.EndAsync();
        Assert.InRange(Now - ended, s_options.DrainIdleTime, TimeSpan.FromSeconds(2.5));
    });

    [Fact]
    public void What_was_accepted_ahead_of_its_turn_is_served() => Simulate(
        async run =>
        {
            using HttpPeer first = await InLoop.ConnectAsync(run.EndPoint);
            await first.SendAsync(Slow);
            var ahead = new List<HttpPeer>();
            for (int i = 0; i < 5; i++)
            {
                HttpPeer peer = await InLoop.ConnectAsync(run.EndPoint);
                ahead.Add(peer);
                await peer.SendAsync(Get);
            }

            await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(50));
            run.Cancel();

            foreach (HttpPeer peer in ahead)
            {
                Answer answer = await peer.ReceiveAsync();
                Assert.Equal(200, answer.Status);
                Assert.Equal("close", answer["Connection"]);
                await peer.ReceiveEndAsync();
                peer.Dispose();
            }

            Assert.Equal("slow", (await first.ReceiveAsync()).Text);
            await run.EndAsync();
        },
        s_options with { ConnectionsPerLoopMax = 1, SurplusConnectionsPerLoopMax = 0 });

    [Fact]
    public void What_takes_too_long_is_cancelled_with_a_reason() => Simulate(
        async run =>
        {
            using HttpPeer stuck = await InLoop.ConnectAsync(run.EndPoint);
            using HttpPeer slow = await InLoop.ConnectAsync(run.EndPoint);
            await stuck.SendAsync(Stuck);
            await slow.SendAsync(Slow);
            await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(10));
            TimeSpan began = Now;
            run.Cancel();

            Assert.Equal("slow", (await slow.ReceiveAsync()).Text);
            await stuck.ReceiveEndAsync();
            await run.EndAsync();

            Assert.InRange(Now - began, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5.1));
            Assert.Contains("the server was cancelled", run.Stuck!.Message, StringComparison.Ordinal);
        },
        s_options with { DrainTimeout = TimeSpan.FromSeconds(5) });

    [Fact]
    public void Without_time_to_drain_everything_ends_at_once() => Simulate(
        async run =>
        {
            using HttpPeer stuck = await InLoop.ConnectAsync(run.EndPoint);
            using HttpPeer idle = await InLoop.ConnectAsync(run.EndPoint);
            await stuck.SendAsync(Stuck);
            await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(10));
            TimeSpan began = Now;

            run.Cancel();
            await run.EndAsync();

            Assert.InRange(Now - began, TimeSpan.Zero, TimeSpan.FromMilliseconds(1));
            await stuck.ReceiveEndAsync();
            await idle.ReceiveEndAsync();
        },
        s_options with { DrainTimeout = TimeSpan.Zero });

    [Fact]
    public void A_second_cancellation_from_the_same_scope_changes_nothing() => Simulate(async run =>
    {
        using HttpPeer peer = await InLoop.ConnectAsync(run.EndPoint);
        await peer.SendAsync(Slow);
        await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(10));
        run.Cancel();
        await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(10));
        run.Cancel();

        Assert.Equal("slow", (await peer.ReceiveAsync()).Text);
        await run.EndAsync();
    });

    [Theory]
    [InlineData("GET /fails HTTP/1.1\r\nHost: a\r\n\r\n")]
    [InlineData("GET /child-fails HTTP/1.1\r\nHost: a\r\n\r\n")]
    public void A_handler_that_fails_meanwhile_costs_its_own_request_only(string request) => Simulate(async run =>
    {
        using HttpPeer failing = await InLoop.ConnectAsync(run.EndPoint);
        using HttpPeer slow = await InLoop.ConnectAsync(run.EndPoint);
        await failing.SendAsync(request);
        await slow.SendAsync(Slow);
        await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(10));
        run.Cancel();

        Answer answer = await failing.ReceiveAsync();
        Assert.Equal(500, answer.Status);
        Assert.Equal("close", answer["Connection"]);
        Assert.Equal("slow", (await slow.ReceiveAsync()).Text);
        await run.EndAsync();
    });

    [Fact]
    public void A_client_that_leaves_meanwhile_ends_its_request() => Simulate(async run =>
    {
        TimeSpan began = Now;
        await using (TcpConnection client = await TcpConnection.ConnectAsync(run.EndPoint))
        {
            await client.AsStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes(Stuck));
            await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(10));
            run.Cancel();
            await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(10));
            client.Abort();
        }

        await run.EndAsync();
        Assert.InRange(Now - began, TimeSpan.Zero, TimeSpan.FromSeconds(1));
    });

    [Fact]
    public void A_server_that_ended_may_serve_again_and_is_ready_again()
    {
        HttpServer server = NewServer(s_options, new Seen());
        for (int seed = 1; seed <= 2; seed++)
        {
            SimulatedRuntime.Run(seed, () => RunAsync(server, new Seen(), async run =>
            {
                Assert.True(server.IsReady);
                using HttpPeer peer = await InLoop.ConnectAsync(run.EndPoint);
                Assert.Equal(200, (await peer.AskAsync(Get)).Status);
                run.Cancel();
                await run.EndAsync();
                Assert.False(server.IsReady);
            }));
        }
    }

    [Fact]
    public async Task Every_loop_drains()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using TestServer server = await TestServer.StartAsync(
            server => server.Get("/", Handlers.Hello).Get("/slow", async context =>
            {
                await gate.Task;
                context.Response.Send("slow");
            }),
            s_options with { DrainTimeout = Timeout.InfiniteTimeSpan },
            loops: 2);
        await VerifyInFlightAreAnsweredAsync(server.EndPoint, gate, () => Task.Run(server.Stop));
    }

    /// <summary>The one listener that hands connections round belonged to no server, so it accepted on and the drain never ended.</summary>
    [Fact]
    public async Task A_listener_that_hands_connections_round_stops_with_the_drain()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var ready = new TaskCompletionSource<IPEndPoint>(TaskCreationOptions.RunContinuationsAsynchronously);
        var cancel = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        HttpServerOptions options = s_options with { DrainTimeout = Timeout.InfiniteTimeSpan };
        Task run = InLoop.RunMainAsync(
            () => TaskGroup.RunAsync(async group =>
            {
                var endpoint = new HttpEndpoint(new IPEndPoint(IPAddress.Loopback, 0));
                var limit = new ConnectionLimit(int.MaxValue, 64);
                var round = new GroupServer(options, endpoint, AnswerAsync, limit, EventLoopGroup.Current.Loops) { MayShare = false };
                group.Spawn(() => round.RunAsync(ready.SetResult));
                await cancel.Task;
                await round.DrainAsync();
            }),
            loops: 2);

        await VerifyInFlightAreAnsweredAsync(await ready.Task.OrFail(), gate, () =>
        {
            cancel.SetResult();
            return run;
        });

        async ValueTask AnswerAsync(HttpContext context)
        {
            if (context.Request.Path == "/slow")
            {
                await gate.Task;
            }

            context.Response.Send(context.Request.Path == "/slow" ? "slow" : "Hello, World!");
        }
    }

    private static async Task VerifyInFlightAreAnsweredAsync(IPEndPoint endPoint, TaskCompletionSource gate, Func<Task> stop)
    {
        var peers = new List<HttpPeer>();
        for (int i = 0; i < 40; i++)
        {
            HttpPeer peer = await HttpPeer.ConnectAsync(endPoint);
            peers.Add(peer);
            Assert.Equal(200, (await peer.AskAsync(Get)).Status);
            await peer.SendAsync(i % 2 == 0 ? Slow : "");
        }

        Task stopped = stop();
        foreach (HttpPeer idle in peers.Where(static (_, i) => i % 2 != 0))
        {
            // Once this has come every loop drains, or is about to.
            await idle.ReceiveEndAsync();
        }

        gate.SetResult();
        foreach (HttpPeer busy in peers.Where(static (_, i) => i % 2 == 0))
        {
            Answer answer = await busy.ReceiveAsync();
            Assert.Equal("slow", answer.Text);
            Assert.Equal("close", answer["Connection"]);
            await busy.ReceiveEndAsync();
        }

        await stopped.OrFail();
        peers.ForEach(static peer => peer.Dispose());
    }

    private static void Simulate(Func<OneRun, Task> test, HttpServerOptions? options = null)
    {
        for (int seed = 1; seed <= Seeds; seed++)
        {
            var seen = new Seen();
            HttpServer server = NewServer(options ?? s_options, seen);
            try
            {
                SimulatedRuntime.Run(seed, () => RunAsync(server, seen, test));
            }
            catch (Exception failure)
            {
                Assert.Fail($"With seed {seed}: {failure}");
            }
        }
    }

    private static HttpServer NewServer(HttpServerOptions options, Seen seen)
    {
        var server = new HttpServer(options);
        return server.Get("/", Handlers.Hello)
            .Get("/slow", async context =>
            {
                await Coroutine.SleepAsync(s_slow);
                context.Response.Send("slow");
            })
            .Get("/halves", async context =>
            {
                await context.Response.WriteAsync("half"u8.ToArray());
                await Coroutine.SleepAsync(s_slow);
                await context.Response.WriteAsync("half"u8.ToArray());
            })
            .Get("/stuck", async _ =>
            {
                try
                {
                    await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
                }
                catch (OperationCanceledException failure)
                {
                    seen.Stuck = failure;
                    throw;
                }
            })
            .Get("/fails", async _ =>
            {
                await Coroutine.SleepAsync(s_slow / 2);
                throw new InvalidDataException("on purpose");
            })
            .Get("/child-fails", _ => new ValueTask(TaskGroup.RunAsync(group =>
            {
                group.Spawn(async () => await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan));
                group.Spawn(async () =>
                {
                    await Coroutine.SleepAsync(s_slow / 2);
                    throw new InvalidDataException("on purpose");
                });
                return Task.CompletedTask;
            })));
    }

    private static async Task RunAsync(HttpServer server, Seen seen, Func<OneRun, Task> test)
    {
        var ready = new TaskCompletionSource<IPEndPoint>();
        CancelScope? scope = null;
        await TaskGroup.RunAsync(async group =>
        {
            Coroutine serving = group.Spawn(async () =>
            {
                await CancelScope.RunAsync(async own =>
                {
                    scope = own;
                    await server.ServeAsync("http://127.0.0.1:0", ready.SetResult);
                    Assert.Fail("The cancellation got lost.");
                });
            });
            IPEndPoint endPoint = await ready.Task;
            await test(new OneRun(server, endPoint, scope!, serving, seen));
        });
        await Leftovers.VerifyNoneAsync();
    }

    private sealed class Seen
    {
        public Exception? Stuck { get; set; }
    }

    private sealed class OneRun(HttpServer server, IPEndPoint endPoint, CancelScope scope, Coroutine serving, Seen seen)
    {
        public HttpServer Server => server;

        public IPEndPoint EndPoint => endPoint;

        public Exception? Stuck => seen.Stuck;

        public void Cancel() => scope.Cancel("the test says so");

        public async Task EndAsync() => await serving;
    }
}
