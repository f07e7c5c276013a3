using Gyre.Diagnostics;
using Gyre.Net;

namespace Gyre.Http.Server;

/// <summary>Where connections come from, and what is done before they are served.</summary>
internal sealed partial class LoopServer
{
    private TcpListener? _listener;

    /// <summary>Accepts and serves until it is drained or cancelled; then every connection ends.</summary>
    public Task RunAsync(TcpListener listener)
    {
        _listener = listener;
        return RunAsync(async () =>
        {
            await using (listener)
            {
                if (IsDraining)
                {
                    await listener.StopAcceptingAsync();
                }

                await AcceptAsync(listener);
            }
        });
    }

    /// <summary>Serves the connections that another loop hands over, until it is drained or cancelled.</summary>
    public Task RunAsync() => RunAsync(static async () => await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan));

    private async Task AcceptAsync(TcpListener listener)
    {
        while (true)
        {
            while (!TryKeepPlaceFromAnyThread())
            {
                if (IsDraining)
                {
                    // What was accepted has its descriptor already, so the limit protects nothing.
                    KeepPlaceAnywayFromAnyThread();
                    break;
                }

                await _room.ParkAsync(WaitKind.Other, this);
            }

            TcpConnection connection;
            try
            {
                connection = await listener.AcceptAsync();
            }
            catch (ListenerStoppedException)
            {
                // It drains, and everything that was accepted is served.
                GiveUpPlace();
                return;
            }

            Serve(connection);
        }
    }

    /// <summary>Ends the intake: what a listener has accepted by now is still served.</summary>
    private void StopIntake()
    {
        if (_listener is { } listener)
        {
            _room.TryWake(true);
            _group?.Spawn(async () => await listener.StopAcceptingAsync(), "http stop accepting");
        }
        else
        {
            _accepting?.Cancel("the server drains");
        }
    }

    private void Take(DetachedTcpConnection detached)
    {
        TcpConnection connection;
        try
        {
            connection = detached.AttachHere();
        }
        catch (Exception failure) when (failure is IOException or System.Net.Sockets.SocketException)
        {
            // The connection broke on its way, or the system can't take one more; the others go on.
            ServerLog.HandOverFailed(Logger, _loop.Name, failure.Message);
            GiveUpPlace();
            return;
        }

        if (_group is null)
        {
            // The server ended while the connection was on its way.
            connection.Abort();
            GiveUpPlace();
            return;
        }

        Serve(connection);
    }

    private void Serve(TcpConnection tcp)
    {
        // One more than may be is told so, as soon as it asks. In a drain no other will come, so those that have are served.
        bool isSurplus = _open - _surplus >= _connectionsMax && !IsDraining;
        _open++;
        _surplus += isSurplus ? 1 : 0;
        if (_preamble is not null)
        {
            _group!.SpawnNow(() => ServeBehindPreambleAsync(tcp, _preamble, isSurplus), "http connection");
            return;
        }

        var connection = new HttpConnection(this, tcp) { IsSurplus = isSurplus };
        Link(connection);
        _group!.SpawnNow(connection.RunAsync, "http connection");
    }

    private async Task ServeBehindPreambleAsync(TcpConnection tcp, ConnectionPreamble preamble, bool isSurplus)
    {
        WrappedPipe? pipe = null;
        try
        {
            pipe = await preamble.ReadAsync(tcp);
        }
#pragma warning disable CA1031 // Whatever a stranger's first bytes bring about ends that connection only.
        catch (Exception failure) when (!HttpConnection.IsServerEnding(failure))
#pragma warning restore CA1031
        {
            ServerLog.HandshakeFailed(Logger, tcp, failure.Message);
        }
        finally
        {
            if (pipe is null)
            {
                tcp.CallWhenClosed(static server => ((LoopServer)server!).GiveUpPlace(), this);
                _ = tcp.DisposeAsync();
                OnServed(isSurplus);
            }
        }

        if (pipe is not null)
        {
            var connection = new HttpConnection(this, pipe) { IsSurplus = isSurplus };
            Link(connection);
            await connection.RunAsync();
        }
    }
}
