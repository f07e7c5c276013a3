using System.Diagnostics;
using System.Net;
using Gyre.Diagnostics;
using Gyre.Drivers;
using Gyre.LowLevel;
using Gyre.Net;

namespace Gyre.Http.Server;

/// <summary>
/// A server from its first listener to its last connection, behind a shield: what cancels the code around it begins a drain, and only
/// a drain that takes too long cancels the requests. Another process that took the listeners over begins a drain, too.
/// </summary>
[DebuggerDisplay("{_groups.Length} endpoints, over = {_isOver}")]
internal sealed class ServerRun
{
    /// <summary>Before an offer that broke is made again.</summary>
    private static readonly TimeSpan s_offerPause = TimeSpan.FromSeconds(1);

    private readonly HttpServer _server;
    private readonly HttpServerOptions _options;
    private readonly IReadOnlyList<HttpEndpoint> _endpoints;
    private readonly HttpHandler _pipeline;
    private readonly Wait<bool> _told = new(EventLoop.Current);
    private readonly SafeLogger _log;
    private GroupServer[] _groups = [];
    private bool _isOver;
    private bool _isUnready;

    public ServerRun(HttpServer server, IReadOnlyList<HttpEndpoint> endpoints, HttpHandler pipeline)
    {
        _server = server;
        _options = server.ServerOptions;
        _endpoints = endpoints;
        _pipeline = pipeline;
        _log = new SafeLogger(_options.Logger);
    }

    /// <summary>Until the server has ended; then a cancellation from outside goes on its way.</summary>
    public async Task RunAsync(Action<IReadOnlyList<IPEndPoint>>? onReady)
    {
        _server.BeginRun();
        try
        {
            await RunShieldedAsync(onReady);
        }
        finally
        {
            _server.EndRun(_isUnready);
        }

        await Coroutine.YieldAsync();
    }

    private Task RunShieldedAsync(Action<IReadOnlyList<IPEndPoint>>? onReady)
    {
        CancellationToken outside = CancelScope.CurrentToken;
        return CancelScope.RunAsync(async scope =>
        {
            scope.Shield = true;
            using CancellationTokenRegistration told = outside.UnsafeRegister(static self => ((ServerRun)self!)._told.TryWake(true), this);
            await TaskGroup.RunAsync(async flows =>
            {
                using ListenerSupply supply = await ListenerSupply.OpenAsync(_options, outside);
                _groups = NewGroups(supply);
                foreach (string listener in supply.Unwanted)
                {
                    ServerLog.ListenerUnwanted(_log, listener);
                }

                flows.Spawn(() => EndWhenToldAsync(outside, scope), "http server end");
                try
                {
                    await ServeAsync(bound =>
                    {
                        if (_options.HandOverPath is { } path)
                        {
                            flows.Spawn(() => HandOverAsync(path, supply, () => onReady?.Invoke(bound)), "http hand over");
                        }
                        else
                        {
                            onReady?.Invoke(bound);
                        }
                    });
                }
                finally
                {
                    _isOver = true;
                }

                flows.Cancel("the server has ended");
            });
        });
    }

    private GroupServer[] NewGroups(ListenerSupply supply)
    {
        IReadOnlyList<EventLoop> loops = EventLoopGroup.Current.Loops;
        int chosen = _options.ConnectionsPerLoopMax;
        int wanted = chosen == 0 ? 0 : (int)Math.Min(int.MaxValue, (long)chosen + _options.SurplusConnectionsPerLoopMax);
        ConnectionLimit limit = ConnectionLimit.PerLoop(loops.Count * _endpoints.Count, _options.Backlog, wanted);
        if (chosen > 0)
        {
            limit = limit with { Connections = chosen, Surplus = _options.SurplusConnectionsPerLoopMax };
        }

        return
        [
            .. _endpoints.Select((endpoint, index) =>
            {
                string name = ListenerNameOf(index);
                return new GroupServer(_options, endpoint, _pipeline, limit, loops)
                {
                    ListenerName = name,
                    Essentials = _server.Essentials,
                    Adopted = supply.TakeFor(name, endpoint.Address),
                    KeepsHandles = _options.HandOverPath is not null,
                };
            }),
        ];
    }

    /// <summary>Endpoints whose port the system picks have one name until they are told apart: by their order, which a new process keeps.</summary>
    private string ListenerNameOf(int index)
    {
        string name = _endpoints[index].ListenerName;
        int before = _endpoints.Take(index).Count(other => other.ListenerName == name);
        return before == 0 ? name : $"{name}-{before + 1}";
    }

    private Task ServeAsync(Action<IReadOnlyList<IPEndPoint>> onReady)
    {
        if (_groups.Length == 1)
        {
            return _groups[0].RunAsync(bound => onReady([bound]));
        }

        return TaskGroup.RunAsync(all =>
        {
            var bound = new IPEndPoint[_groups.Length];
            int left = bound.Length;
            for (int i = 0; i < bound.Length; i++)
            {
                int index = i;
                all.Spawn(() => _groups[index].RunAsync(address =>
                {
                    bound[index] = address;
                    if (--left == 0)
                    {
                        onReady(bound);
                    }
                }), $"http server {_endpoints[index]}");
            }

            return Task.CompletedTask;
        });
    }

    /// <summary>
    /// Tells the process that is replaced that this one accepts; then offers the listeners to the one that will replace this one, and
    /// ends behind that. Ready means that a replacement would find the offer.
    /// </summary>
    private async Task HandOverAsync(string path, ListenerSupply supply, Action onReady)
    {
        await supply.SayReadyAsync();
        ListenerHandle[] handles = [.. _groups.SelectMany(static group => group.TakeHandles())];
        try
        {
            var offerOptions = new ListenerHandOffOptions { OnRefused = failure => ServerLog.HandOverRefused(_log, failure.Message) };
            Task<int> offer = ListenerHandOff.OfferAsync(path, handles, offerOptions);
            if (offer.IsFaulted)
            {
                await offer;
            }

            onReady();
            int process = await OfferAgainAsync(offer, () => ListenerHandOff.OfferAsync(path, handles, offerOptions));
            ServerLog.HandedOver(_log, process);
            _told.TryWake(true);
        }
        finally
        {
            foreach (ListenerHandle handle in handles)
            {
                handle.Dispose();
            }
        }
    }

    /// <summary>An offer that breaks (no descriptor is free for whoever comes, say) is made again: the server has its clients to serve.</summary>
    private async Task<int> OfferAgainAsync(Task<int> offer, Func<Task<int>> again)
    {
        while (true)
        {
            try
            {
                return await offer;
            }
            catch (Exception failure) when (failure is IOException or System.Net.Sockets.SocketException)
            {
                ServerLog.HandOverRefused(_log, failure.Message);
            }

            await Coroutine.SleepAsync(s_offerPause);
            offer = again();
        }
    }

    private async Task EndWhenToldAsync(CancellationToken outside, CancelScope scope)
    {
        if (!outside.IsCancellationRequested)
        {
            await _told.ParkAsync(WaitKind.Other, "the end of the server");
        }

        _isUnready = true;
        _server.TurnUnready();
        TimeSpan timeout = _options.DrainTimeout;
        if (timeout != TimeSpan.Zero)
        {
            await Coroutine.SleepAsync(_options.DrainDelay);
            ServerLog.Draining(_log, RequestsInFlight, timeout);
            foreach (GroupServer group in _groups)
            {
                await group.DrainAsync();
            }

            await Coroutine.SleepAsync(timeout);
            ServerLog.DrainTimedOut(_log, RequestsInFlight, timeout);
        }

        if (!_isOver)
        {
            scope.Cancel("the server was cancelled");
        }
    }

    private int RequestsInFlight => _groups.Sum(static group => group.RequestsInFlight);
}
