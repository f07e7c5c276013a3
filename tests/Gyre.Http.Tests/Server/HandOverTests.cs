using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Gyre.Drivers;
using Gyre.Http.Server;

namespace Gyre.Http.Tests.Server;

/// <summary>A server that is replaced by another under load: each request is answered, by the one or by the other.</summary>
public sealed class HandOverTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private const int Clients = 8;
    private const int Replacements = 3;

    /// <summary>On a machine that does other things a client may take its time between an answer and its next request.</summary>
    private static readonly TimeSpan s_idleTime = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The BCL's sockets keep a descriptor of a shared listener registered after it was closed, so that a later one of the same number can't
    /// be: two servers of one process can't share a listener there, as those of two processes can.
    /// </summary>
    public static bool LacksHandOver => Environment.GetEnvironmentVariable("GYRE_DRIVER") == "sockets" || !OperatingSystem.IsLinux();

    [Theory(Skip = "driver: within one process the BCL's sockets can't share a listener.", SkipWhen = nameof(LacksHandOver), SkipType = typeof(HandOverTests))]
    [InlineData(1)]
    [InlineData(2)]
    public async Task No_request_is_lost_while_servers_replace_one_another(int loops)
    {
        string path = Path.Combine(Path.GetTempPath(), $"gyre-{Environment.ProcessId}-{loops}.sock");
        using var over = new CancellationTokenSource();
        var names = new ConcurrentDictionary<string, int>();
        (Task Run, IPEndPoint Address) first = await StartAsync("server 0", path, new IPEndPoint(IPAddress.Loopback, 0), loops);
        Task[] clients = [.. Enumerable.Range(0, Clients).Select(_ => AskAgainAndAgainAsync(first.Address, names, over.Token))];

        Task current = first.Run;
        for (int i = 1; i <= Replacements; i++)
        {
            (Task Run, IPEndPoint Address) next = await StartAsync($"server {i}", path, first.Address, loops);
            await current.OrFail();
            current = next.Run;
            await UntilAsync(() => names.ContainsKey($"server {i}") || clients.Any(static client => client.IsFaulted));
        }

        await over.CancelAsync();
        await Task.WhenAll(clients).OrFail();
        (Task Run, IPEndPoint _) last = await StartAsync("the last", path, first.Address, loops, endsAtOnce: true);
        await current.OrFail();
        await last.Run.OrFail();
        Assert.Equal(Replacements + 1, names.Count);
    }

    [Fact(Skip = "driver: within one process the BCL's sockets can't share a listener.", SkipWhen = nameof(LacksHandOver), SkipType = typeof(HandOverTests))]
    public async Task An_endpoint_without_a_name_whose_address_has_colons_is_handed_over_too()
    {
        string path = Path.Combine(Path.GetTempPath(), $"gyre-{Environment.ProcessId}-unnamed.sock");
        (Task Run, IPEndPoint Address) first = await StartAsync("first", path, new IPEndPoint(IPAddress.Loopback, 0), loops: 1, isNamed: false);
        (Task Run, IPEndPoint Address) second = await StartAsync("second", path, first.Address, loops: 1, endsAtOnce: true, isNamed: false);

        Assert.Equal(first.Address, second.Address);
        await first.Run.OrFail();
        await second.Run.OrFail();
    }

    [Fact(Skip = "driver: within one process the BCL's sockets can't share a listener.", SkipWhen = nameof(LacksHandOver), SkipType = typeof(HandOverTests))]
    public async Task Endpoints_whose_ports_the_system_picks_are_told_apart_by_their_order()
    {
        string path = Path.Combine(Path.GetTempPath(), $"gyre-{Environment.ProcessId}-twins.sock");
        HttpEndpoint[] endpoints = [HttpEndpoint.Parse("http://127.0.0.1:0"), HttpEndpoint.Parse("http://127.0.0.1:0")];
        (Task Run, IPEndPoint[] Addresses) first = await StartTwinsAsync(path, endpoints, endsAtOnce: false);
        (Task Run, IPEndPoint[] Addresses) second = await StartTwinsAsync(path, endpoints, endsAtOnce: true);

        Assert.Equal(first.Addresses, second.Addresses);
        Assert.NotEqual(first.Addresses[0], first.Addresses[1]);
        await first.Run.OrFail();
        await second.Run.OrFail();
    }

    [Fact(Skip = "driver: within one process the BCL's sockets can't share a listener.", SkipWhen = nameof(LacksHandOver), SkipType = typeof(HandOverTests))]
    public async Task A_socket_that_cant_be_adopted_leaves_none_of_the_others_open()
    {
        await InLoop.RunMainAsync(async () =>
        {
            await using Gyre.Net.TcpListener listener = Gyre.Net.TcpListener.Listen(new IPEndPoint(IPAddress.Loopback, 0));
            ListenerHandle good = listener.DuplicateHandle("good");
            ListenerHandle unused = listener.DuplicateHandle("unused");
            ListenerHandle closed = listener.DuplicateHandle("closed");
            closed.Dispose();
            var group = new GroupServer(
                new HttpServerOptions(), new HttpEndpoint(listener.LocalEndPoint), static _ => default, ConnectionLimit.PerLoop(1, 511), [EventLoop.Current])
            {
                Adopted = [good, closed, unused],
            };
            await Assert.ThrowsAnyAsync<Exception>(() => group.RunAsync(null));
            Assert.True(good.IsClosed || good.IsInvalid);
            Assert.True(unused.IsClosed || unused.IsInvalid);
        });
    }

    [Fact(Skip = "driver: within one process the BCL's sockets can't share a listener.", SkipWhen = nameof(LacksHandOver), SkipType = typeof(HandOverTests))]
    public async Task A_server_that_is_told_to_end_ends_though_the_one_it_is_to_replace_hangs()
    {
        string path = Path.Combine(Path.GetTempPath(), $"gyre-{Environment.ProcessId}-hanging.sock");
        File.Delete(path);
        using var hanging = new Socket(AddressFamily.Unix, SocketType.Seqpacket, ProtocolType.Unspecified);
        hanging.Bind(new UnixDomainSocketEndPoint(path));
        hanging.Listen();
        var server = new HttpServer(new HttpServerOptions { HandOverPath = path, Logger = LineLogger.Silent });

        await InLoop.RunMainAsync(() => TaskGroup.RunAsync(async group =>
        {
            group.Spawn(() => server.ServeAsync("http://127.0.0.1:0"), "server");
            using Socket says = await hanging.AcceptAsync();
            group.Cancel("the server is told to end");
        }));

        Assert.False(server.IsReady);
        File.Delete(path);
    }

    [Fact(Skip = "driver: within one process the BCL's sockets can't share a listener.", SkipWhen = nameof(LacksHandOver), SkipType = typeof(HandOverTests))]
    public async Task A_name_that_cant_be_handed_over_ends_the_server_and_frees_its_port()
    {
        string path = Path.Combine(Path.GetTempPath(), $"gyre-{Environment.ProcessId}-wrong.sock");
        var address = new IPEndPoint(IPAddress.Loopback, 0);
        using (var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            probe.Bind(address);
            address = (IPEndPoint)probe.LocalEndPoint!;
        }

        await InLoop.RunMainAsync(async () =>
        {
            var server = new HttpServer(new HttpServerOptions { HandOverPath = path, Logger = LineLogger.Silent });
            await Assert.ThrowsAsync<ArgumentException>(() => server.ServeAsync(new HttpEndpoint(address) { Name = "n\u00e4me" }));
            await FreedAsync(address);
        });
    }

    /// <summary>The system frees a port soon after its listener is closed, not at once.</summary>
    private static async Task FreedAsync(IPEndPoint address)
    {
        TimeSpan end = EventLoop.Current.Time + Patience.Limit;
        while (true)
        {
            try
            {
                await using Gyre.Net.TcpListener again = Gyre.Net.TcpListener.Listen(address);
                return;
            }
            catch (SocketException) when (EventLoop.Current.Time < end)
            {
                await Coroutine.YieldAsync();
            }
        }
    }

    [Fact(Skip = "driver: within one process the BCL's sockets can't share a listener.", SkipWhen = nameof(LacksHandOver), SkipType = typeof(HandOverTests))]
    public async Task A_second_run_that_would_take_the_listeners_of_the_first_is_refused()
    {
        string path = Path.Combine(Path.GetTempPath(), $"gyre-{Environment.ProcessId}-twice.sock");
        var server = new HttpServer(new HttpServerOptions { HandOverPath = path, Logger = LineLogger.Silent, DrainTimeout = TimeSpan.Zero });
        server.Get("/", Handlers.Hello);

        await InLoop.RunAsync(server, async endPoint =>
        {
            InvalidOperationException refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => server.ServeAsync("http://127.0.0.1:0"));
            Assert.Contains(path, refusal.Message, StringComparison.Ordinal);
            using HttpPeer peer = await InLoop.ConnectAsync(endPoint);
            Assert.Equal(200, (await peer.AskAsync(Get)).Status);
            Assert.True(server.IsReady);
        });
        File.Delete(path);
    }

    /// <summary>Starts a server that ends when another has taken its listeners.</summary>
    private static async Task<(Task Run, IPEndPoint Address)> StartAsync(
        string name, string path, IPEndPoint address, int loops, bool endsAtOnce = false, bool isNamed = true)
    {
        var ready = new TaskCompletionSource<IPEndPoint>(TaskCreationOptions.RunContinuationsAsynchronously);
        var options = new HttpServerOptions { HandOverPath = path, Logger = LineLogger.Silent, DrainIdleTime = s_idleTime };
        var server = new HttpServer(options);
        server.Get("/", async context =>
        {
            await Coroutine.YieldAsync();
            context.Response.Send(name);
        });
        HttpEndpoint endpoint = isNamed ? new HttpEndpoint(address) { Name = "http" } : new HttpEndpoint(address);
        Task run = InLoop.RunMainAsync(
            () => endsAtOnce
                ? CancelScope.RunAsync(scope => server.ServeAsync(endpoint, bound =>
                {
                    ready.SetResult(bound);
                    EventLoop.Current.CallLater(TimeSpan.FromMilliseconds(20), () => scope.Cancel());
                }))
                : server.ServeAsync(endpoint, ready.SetResult),
            loops);
        await Task.WhenAny(run, ready.Task).OrFail();
        return ready.Task.IsCompletedSuccessfully
            ? (run, ready.Task.Result)
            : throw new InvalidOperationException($"'{name}' ended before it was ready.", run.Exception);
    }

    private static async Task<(Task Run, IPEndPoint[] Addresses)> StartTwinsAsync(string path, HttpEndpoint[] endpoints, bool endsAtOnce)
    {
        var ready = new TaskCompletionSource<IPEndPoint[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        var server = new HttpServer(new HttpServerOptions { HandOverPath = path, Logger = LineLogger.Silent, DrainIdleTime = TimeSpan.Zero });
        Task run = InLoop.RunMainAsync(() => CancelScope.RunAsync(scope => server.ServeAsync(endpoints, bound =>
        {
            ready.SetResult([.. bound]);
            if (endsAtOnce)
            {
                EventLoop.Current.CallLater(TimeSpan.FromMilliseconds(20), () => scope.Cancel());
            }
        })));
        await Task.WhenAny(run, ready.Task).OrFail();
        return (run, await ready.Task.OrFail());
    }

    /// <summary>Asks on one connection until the server closes it, then on another; a request without an answer fails the test.</summary>
    private static async Task AskAgainAndAgainAsync(IPEndPoint address, ConcurrentDictionary<string, int> names, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            using HttpPeer peer = await HttpPeer.ConnectAsync(address);
            bool goesOn = true;
            while (goesOn && !over.IsCancellationRequested)
            {
                Answer answer = await peer.AskAsync(Get);
                Assert.Equal(200, answer.Status);
                names.AddOrUpdate(answer.Text, 1, static (_, count) => count + 1);
                goesOn = answer["Connection"] != "close";
            }
        }
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        DateTime limit = DateTime.UtcNow + Patience.Limit;
        while (!condition())
        {
            Assert.True(DateTime.UtcNow < limit, "The new server answered nothing.");
            await Task.Yield();
        }
    }
}
