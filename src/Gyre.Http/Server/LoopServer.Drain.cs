using Gyre.Diagnostics;
using Gyre.LowLevel;

namespace Gyre.Http.Server;

/// <summary>
/// The end without loss: no new connections, each present request finished, <c>Connection: close</c> on its response. Idle
/// connections are given a moment, because a request may be on its way, and are then closed.
/// </summary>
internal sealed partial class LoopServer
{
    private readonly Wait<bool> _lastServed = new(EventLoop.Current);
    private CancelScope? _accepting;

    /// <summary>Connections that are served or about to be: in a handshake, say.</summary>
    private int _open;

    /// <summary>Those of them that are turned away.</summary>
    private int _surplus;

    /// <summary>Whether the server takes no new connections and closes those that it has as soon as they are idle.</summary>
    public bool IsDraining { get; private set; }

    /// <summary>Begins to drain; <c>RunAsync</c> ends when the last connection has. Any thread; nothing when the loop has ended.</summary>
    public void DrainFromAnyThread()
    {
        try
        {
            _loop.PostFromAnyThread(Drain);
        }
        catch (ObjectDisposedException)
        {
            // The loop has ended, and its connections with it.
        }
    }

    private void Drain()
    {
        if (IsDraining)
        {
            return;
        }

        IsDraining = true;
        StopIntake();
        _group?.Spawn(EndIdleConnectionsAsync, "http drain");
    }

    private void OpenForConnections(CancelScope scope)
    {
        _accepting = scope;
        if (IsDraining && _listener is null)
        {
            scope.Cancel("the server drains");
        }
    }

    /// <summary>Waits until no connection is left.</summary>
    private async Task FinishAsync()
    {
        while (_open > 0)
        {
            await _lastServed.ParkAsync(WaitKind.Other, this);
        }
    }

    private void OnServed(bool isSurplus)
    {
        _open--;
        _surplus -= isSurplus ? 1 : 0;
        if (_open == 0)
        {
            _lastServed.TryWake(true);
        }
    }

    private async Task EndIdleConnectionsAsync()
    {
        await Coroutine.SleepAsync(Options.DrainIdleTime);
        for (HttpConnection? connection = _first; connection is not null; connection = connection.Next)
        {
            connection.EndIfIdle();
        }
    }
}
