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
    private int _next;
    private bool _isStopping;

    public HandRound(TcpListener listener, LoopServer[] servers)
    {
        EventLoop loop = EventLoop.Current;
        _listener = listener;
        _servers = servers;
        _room = new Wait<bool>(loop);
        foreach (LoopServer server in servers)
        {
            server.RoomMade += () => TellOfRoom(loop);
        }
    }

    /// <summary>Until the listener is stopped and all that it had accepted was handed on, or until cancelled.</summary>
    public async Task RunAsync()
    {
        while (true)
        {
            LoopServer? server;
            while ((server = KeepPlace()) is null)
            {
                if (_isStopping)
                {
                    // What was accepted has its descriptor already, so the limit protects nothing.
                    server = _servers[_next];
                    server.KeepPlaceAnywayFromAnyThread();
                    break;
                }

                await _room.ParkAsync(WaitKind.Other, this);
            }

            DetachedTcpConnection connection;
            try
            {
                connection = await _listener.AcceptDetachedAsync();
            }
            catch (ListenerStoppedException)
            {
                server.GiveUpPlaceFromAnyThread();
                return;
            }

            try
            {
                server.TakeFromAnyThread(connection);
            }
            catch (ObjectDisposedException)
            {
                // That loop has ended, before this one has been told: its connections end, and so does this.
                connection.Dispose();
                return;
            }
        }
    }

    /// <summary>Accepts no more; what was accepted is handed on.</summary>
    public async Task StopAsync()
    {
        _isStopping = true;
        _room.TryWake(true);
        await _listener.StopAcceptingAsync();
    }

    private void TellOfRoom(EventLoop loop)
    {
        try
        {
            loop.PostFromAnyThread(() => _room.TryWake(true));
        }
        catch (ObjectDisposedException)
        {
            // The loop that accepts has ended, and needs no room.
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
