using System.Diagnostics;
using System.Net;
using Gyre.Drivers;
using Gyre.Net;

namespace Gyre.Http.Server;

/// <summary>
/// Spreads one endpoint of a server over the loops of a group: a shared listener on each where the system has that, else one that
/// hands connections round. Listening sockets that another process opened are spread as they come.
/// </summary>
[DebuggerDisplay("{endpoint}")]
internal sealed class GroupServer(
    HttpServerOptions options, HttpEndpoint endpoint, HttpHandler pipeline, ConnectionLimit limit, IReadOnlyList<EventLoop> loops)
{
    private readonly ConnectionPreamble? _preamble = ConnectionPreamble.For(endpoint, options);
    private readonly Lock _lock = new();
    private readonly List<LoopServer> _servers = [];
    private readonly List<ListenerHandle> _handles = [];
    private readonly List<HandRound> _rounds = [];
    private bool _isDraining;
    private bool _handsRound;
    private bool _isTold;

    /// <summary>Requests in flight on all loops; roughly, when asked on one of them.</summary>
    public int RequestsInFlight
    {
        get
        {
            lock (_lock)
            {
                return _servers.Sum(static server => server.RequestsInFlight);
            }
        }
    }

    /// <summary>Whether loops may listen together where they can; handing round works everywhere, at a hop for each connection.</summary>
    public bool MayShare { get; init; } = true;

    /// <summary>Listening sockets that are open already; empty to open own ones.</summary>
    public IReadOnlyList<ListenerHandle> Adopted { get; init; } = [];

    /// <summary>What its listening sockets are called when they are passed on.</summary>
    public string ListenerName { get; init; } = endpoint.ListenerName;

    /// <summary>What is never shed.</summary>
    public EssentialPaths Essentials { get; init; } = new();

    /// <summary>Whether to keep a duplicate of each listening socket, for <see cref="TakeHandles"/>.</summary>
    public bool KeepsHandles { get; init; }

    /// <summary>Until it is drained or cancelled.</summary>
    /// <param name="onReady">Called on the calling loop once connections are accepted.</param>
    public async Task RunAsync(Action<IPEndPoint>? onReady)
    {
        try
        {
            await (Adopted.Count == 0 ? RunOwnAsync(onReady) : RunAdoptedAsync(onReady));
        }
        finally
        {
            // Those that became listeners have been given away; what failed before leaves nothing open that clients would wait on.
            foreach (ListenerHandle handle in Adopted)
            {
                handle.Dispose();
            }
        }
    }

    /// <summary>Begins to drain every loop; the run ends when the last connection has. On the loop that called <see cref="RunAsync"/>.</summary>
    public async Task DrainAsync()
    {
        _isTold = true;
        if (!_handsRound)
        {
            DrainLoops();
            return;
        }

        // The loops have to take what was accepted; they are drained behind that.
        foreach (HandRound round in _rounds)
        {
            await round.StopAsync();
        }
    }

    /// <summary>Duplicates of the listening sockets, once; the caller's to dispose.</summary>
    public IReadOnlyList<ListenerHandle> TakeHandles()
    {
        lock (_lock)
        {
            ListenerHandle[] handles = [.. _handles];
            _handles.Clear();
            return handles;
        }
    }

    private Task RunAdoptedAsync(Action<IPEndPoint>? onReady) => Adopted.Count >= loops.Count
        ? RunEachAsync([.. Adopted.Select((handle, i) => (loops[i % loops.Count], NewAdopter(handle)))], onReady)
        : RunHandedRoundAsync(() => Adopted.Select(Adopt), onReady);

    private async Task RunOwnAsync(Action<IPEndPoint>? onReady)
    {
        bool isShared = loops.Count > 1 && MayShare && TcpListener.CanShare;
        TcpListener first = Listen(endpoint.Address, isShared);
        if (loops.Count > 1 && !isShared)
        {
            await RunHandedRoundAsync(() => [first], onReady);
            return;
        }

        IPEndPoint bound = first.LocalEndPoint;
        EventLoop here = EventLoop.Current;
        List<(EventLoop, Func<TcpListener>)> places = [(here, () => first)];
        places.AddRange(loops.Where(loop => loop != here).Select(loop => (loop, (Func<TcpListener>)(() => Listen(bound, shared: true)))));
        await RunEachAsync(places, onReady);
    }

    /// <summary>A listener and a server of its own on each of some loops.</summary>
    private Task RunEachAsync(IReadOnlyList<(EventLoop Loop, Func<TcpListener> Listen)> places, Action<IPEndPoint>? onReady) =>
        places is [(EventLoop loop, Func<TcpListener> listen)] && loop == EventLoop.Current
            ? RunHereAsync(listen, onReady)
            : RunEverywhereAsync(places, onReady);

    /// <summary>Without a hop to another thread, for which a simulation's time wouldn't wait.</summary>
    private async Task RunHereAsync(Func<TcpListener> listen, Action<IPEndPoint>? onReady)
    {
        await using TcpListener listener = listen();
        onReady?.Invoke(listener.LocalEndPoint);
        await NewLoopServer().RunAsync(listener);
    }

    private Task RunEverywhereAsync(IReadOnlyList<(EventLoop Loop, Func<TcpListener> Listen)> places, Action<IPEndPoint>? onReady) =>
        TaskGroup.RunAsync(async group =>
        {
            var ready = new List<Task<IPEndPoint>>();
            foreach ((EventLoop loop, Func<TcpListener> listen) in places)
            {
                var listening = new TaskCompletionSource<IPEndPoint>(TaskCreationOptions.RunContinuationsAsynchronously);
                ready.Add(listening.Task);
                group.Spawn(
                    loop == EventLoop.Current
                        ? () => RunOneAsync(listen, listening)
                        : () => loop.InvokeAsync(() => RunOneAsync(listen, listening)),
                    $"http server on {loop.Name}");
            }

            IPEndPoint[] bound = await Task.WhenAll(ready).WaitAsync(group.Token);
            onReady?.Invoke(bound[0]);
        });

    private async Task RunOneAsync(Func<TcpListener> listen, TaskCompletionSource<IPEndPoint> listening)
    {
        await using TcpListener listener = listen();
        listening.SetResult(listener.LocalEndPoint);
        await NewLoopServer().RunAsync(listener);
    }

    private Task RunHandedRoundAsync(Func<IEnumerable<TcpListener>> open, Action<IPEndPoint>? onReady) => TaskGroup.RunAsync(async group =>
    {
        _handsRound = true;
        var listeners = new List<TcpListener>();
        try
        {
            foreach (TcpListener listener in open())
            {
                listeners.Add(listener);
            }

            var servers = new LoopServer[loops.Count];
            for (int i = 0; i < servers.Length; i++)
            {
                EventLoop loop = loops[i];
                var made = new TaskCompletionSource<LoopServer>(TaskCreationOptions.RunContinuationsAsynchronously);
                group.Spawn(() => loop.InvokeAsync(() => RunOneOfRoundAsync(made)), $"http server on {loop.Name}");
                servers[i] = await made.Task.WaitAsync(group.Token);
            }

            _rounds.AddRange(listeners.Select(listener => new HandRound(listener, servers)));
            onReady?.Invoke(listeners[0].LocalEndPoint);
            await TaskGroup.RunAsync(rounds =>
            {
                foreach (HandRound round in _rounds)
                {
                    rounds.Spawn(round.RunAsync, "http hand round");
                }

                // Told to drain before there were rounds to stop.
                return _isTold ? DrainAsync() : Task.CompletedTask;
            });
            DrainLoops();
        }
        finally
        {
            foreach (TcpListener listener in listeners)
            {
                await listener.DisposeAsync();
            }
        }
    });

    private async Task RunOneOfRoundAsync(TaskCompletionSource<LoopServer> made)
    {
        LoopServer server = NewLoopServer();
        Task run = server.RunAsync();
        made.SetResult(server);
        await run;
    }

    private Func<TcpListener> NewAdopter(ListenerHandle handle) => () => Adopt(handle);

    private TcpListener Adopt(ListenerHandle handle) => Keep(TcpListener.Adopt(handle, NewListenerOptions(shared: false)));

    private TcpListener Listen(IPEndPoint address, bool shared) => Keep(TcpListener.Listen(address, NewListenerOptions(shared)));

    private TcpListenerOptions NewListenerOptions(bool shared) =>
        new() { Backlog = options.Backlog, AcceptedMax = limit.AcceptedAhead, IsAcceptedMaxExact = limit.IsExact, Shared = shared };

    private TcpListener Keep(TcpListener listener)
    {
        if (!KeepsHandles)
        {
            return listener;
        }

        try
        {
            ListenerHandle handle = listener.DuplicateHandle(ListenerName);
            lock (_lock)
            {
                _handles.Add(handle);
            }

            return listener;
        }
        catch
        {
            // It accepts already, and nobody else knows of it.
            _ = listener.DisposeAsync();
            throw;
        }
    }

    private void DrainLoops()
    {
        lock (_lock)
        {
            _isDraining = true;
            _servers.ForEach(static server => server.DrainFromAnyThread());
        }
    }

    /// <summary>On the loop that the server is for.</summary>
    private LoopServer NewLoopServer()
    {
        var server = new LoopServer(options, pipeline, Essentials, limit, _preamble);
        lock (_lock)
        {
            _servers.Add(server);
            if (_isDraining)
            {
                server.DrainFromAnyThread();
            }
        }

        return server;
    }
}
