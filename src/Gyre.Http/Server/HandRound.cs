using System.Diagnostics;
using Gyre.Diagnostics;
using Gyre.LowLevel;
using Gyre.Net;

namespace Gyre.Http.Server;

/// <summary>Accepts on one loop and hands the connections to the servers of all loops in turn, passing over those that are full.</summary>
[DebuggerDisplay("{listener}, next = {_next}")]
internal sealed class HandRound
{
    private readonly TcpListener _listener;
    private readonly LoopServer[] _servers;
    private readonly Wait<bool> _room;
    private CancelScope? _accepting;
    private bool _isStopped;
    private int _next;

    public HandRound(TcpListener listener, LoopServer[] servers)
    {
        EventLoop loop = EventLoop.Current;
        _listener = listener;
        _servers = servers;
        _room = new Wait<bool>(loop);
        foreach (LoopServer server in servers)
        {
            server.RoomMade = () => loop.PostFromAnyThread(() => _room.TryWake(true));
        }
    }

    /// <summary>Until cancelled or stopped; stopped, it hands on what had been accepted ahead.</summary>
    public async Task RunAsync()
    {
        await CancelScope.RunAsync(scope =>
        {
            _accepting = scope;
            if (_isStopped)
            {
                scope.Cancel("the server drains");
            }

            return AcceptAsync();
        });
        await HandOnRestAsync();
    }

    /// <summary>Accepts no more.</summary>
    public void Stop()
    {
        _isStopped = true;
        _accepting?.Cancel("the server drains");
    }

    private async Task HandOnRestAsync()
    {
        try
        {
            await _listener.StopAcceptingAsync();
            while (true)
            {
                DetachedTcpConnection connection = await _listener.AcceptDetachedAsync();
                LoopServer? server = KeepPlace();
                if (server is null)
                {
                    // It has its descriptor already, so the limit protects nothing.
                    server = _servers[_next];
                    server.KeepPlaceAnywayFromAnyThread();
                }

                server.TakeFromAnyThread(connection);
            }
        }
        catch (ListenerStoppedException)
        {
            // That was the last; from here on the system refuses connections.
            await _listener.DisposeAsync();
        }
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            LoopServer? server;
            while ((server = KeepPlace()) is null)
            {
                await _room.ParkAsync(WaitKind.Other, this);
            }

            server.TakeFromAnyThread(await _listener.AcceptDetachedAsync());
        }
    }

    private LoopServer? KeepPlace()
    {
        for (int tried = 0; tried < _servers.Length; tried++)
        {
            LoopServer server = _servers[_next];
            _next = (_next + 1) % _servers.Length;
            if (server.TryKeepPlaceFromAnyThread())
            {
                return server;
            }
        }

        return null;
    }
}
