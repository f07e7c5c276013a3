using System.Net.Sockets;
using Gyre.Drivers;
using Gyre.Loop;

namespace Gyre.Net;

public sealed partial class TcpConnection
{
    void IConnectionHandler.OnReceived(in ReceivedBuffer buffer) => _reader.OnReceived(buffer);

    void IConnectionHandler.OnReceiveEnded(ReceiveEnd end, SocketError error)
    {
        _reader.OnReceiveEnded(end, end == ReceiveEnd.Failed ? BrokenBy(error, "receiving") : null);
        if (end != ReceiveEnd.Stopped && _observer is not (null or WhenClosed))
        {
            QueueInputEnded(isBroken: end == ReceiveEnd.Failed);
        }
    }

    void IConnectionHandler.OnSent(SocketError error)
    {
        _writer.OnSent(error);
        if (IsDisposed && _writer.IsIdle)
        {
            Close(abort: false, "was closed on this side");
        }
    }

    void IConnectionHandler.OnClosed()
    {
        _writer.OnConnectionClosed();
        _letGo = true;
        if (_observer is not null)
        {
            QueueClosed();
        }
    }

    void IFlushable.FlushAtEndOfTurn() => _writer.FlushAtEndOfTurn();
}
