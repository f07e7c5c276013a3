using System.Net;
using Gyre.Net;

namespace Gyre.Http.Server;

/// <summary>
/// Spreads a server over the loops of a group: a shared listener on each where the system has that, else one that hands
/// connections round.
/// </summary>
internal sealed class GroupServer(
    HttpServerOptions options, HttpHandler pipeline, ConnectionLimit limit, IReadOnlyList<EventLoop> loops)
{
    private readonly List<LoopServer> _servers = [];
    private HandRound? _round;
    private bool _isDraining;

    /// <summary>Requests in flight on all loops; roughly, when asked on one of them.</summary>
    public int RequestsInFlight
    {
        get
        {
            lock (_servers)
            {
                return _servers.Sum(static server => server.RequestsInFlight);
            }
        }
    }

    /// <summary>Whether loops may listen together where they can; handing round works everywhere, at a hop for each connection.</summary>
    public bool MayShare { get; init; } = true;

    public async Task RunAsync(IPEndPoint endPoint, Action<IPEndPoint>? onReady)
    {
        bool shared = loops.Count > 1 && MayShare && TcpListener.CanShare;
        await using TcpListener listener = Listen(endPoint, shared);
        if (loops.Count == 1)
        {
            onReady?.Invoke(listener.LocalEndPoint);
            await NewLoopServer().RunAsync(listener);
        }
        else if (shared)
        {
            await RunSharedAsync(listener, onReady);
        }
        else
        {
            await RunHandedRoundAsync(listener, onReady);
        }
    }

    private TcpListener Listen(IPEndPoint endPoint, bool shared) => TcpListener.Listen(
        endPoint,
        new TcpListenerOptions { Backlog = options.Backlog, AcceptedMax = limit.AcceptedAhead, Shared = shared });

    /// <summary>Begins to drain every loop; the run ends when the last connection has.</summary>
    public void Drain()
    {
        if (_round is null)
        {
            DrainServers();
        }
        else
        {
            // The servers come behind the connections that are still handed to them.
            _round.Stop();
        }
    }

    private void DrainServers()
    {
        lock (_servers)
        {
            _isDraining = true;
            _servers.ForEach(static server => server.DrainFromAnyThread());
        }
    }

    /// <summary>On the loop that the server is for.</summary>
    private LoopServer NewLoopServer()
    {
        var server = new LoopServer(options, pipeline, limit.Connections);
        lock (_servers)
        {
            _servers.Add(server);
            if (_isDraining)
            {
                server.DrainFromAnyThread();
            }
        }

        return server;
    }

    private Task RunSharedAsync(TcpListener first, Action<IPEndPoint>? onReady) => TaskGroup.RunAsync(async group =>
    {
        IPEndPoint bound = first.LocalEndPoint;
        EventLoop here = EventLoop.Current;
        var ready = new List<Task>();
        foreach (EventLoop loop in loops.Where(loop => loop != here))
        {
            var listening = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            ready.Add(listening.Task);
            group.Spawn(() => loop.InvokeAsync(() => RunOneOfSharedAsync(bound, listening)), $"http server on {loop.Name}");
        }

        await Task.WhenAll(ready).WaitAsync(group.Token);
        group.Spawn(() => NewLoopServer().RunAsync(first), $"http server on {here.Name}");
        onReady?.Invoke(bound);
    });

    private async Task RunOneOfSharedAsync(IPEndPoint bound, TaskCompletionSource listening)
    {
        await using TcpListener listener = Listen(bound, shared: true);
        listening.SetResult();
        await NewLoopServer().RunAsync(listener);
    }

    private Task RunHandedRoundAsync(TcpListener listener, Action<IPEndPoint>? onReady) => TaskGroup.RunAsync(async group =>
    {
        var servers = new LoopServer[loops.Count];
        for (int i = 0; i < servers.Length; i++)
        {
            EventLoop loop = loops[i];
            var made = new TaskCompletionSource<LoopServer>(TaskCreationOptions.RunContinuationsAsynchronously);
            group.Spawn(() => loop.InvokeAsync(() => RunOneOfRoundAsync(made)), $"http server on {loop.Name}");
            servers[i] = await made.Task.WaitAsync(group.Token);
        }

        _round = new HandRound(listener, servers);
        if (_isDraining)
        {
            _round.Stop();
        }

        onReady?.Invoke(listener.LocalEndPoint);
        await _round.RunAsync();
        DrainServers();
    });

    private async Task RunOneOfRoundAsync(TaskCompletionSource<LoopServer> made)
    {
        LoopServer server = NewLoopServer();
        Task run = server.RunAsync();
        made.SetResult(server);
        await run;
    }
}
