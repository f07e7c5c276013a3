using System.Net.Sockets;
using Gyre.Drivers;

namespace Gyre.Net;

/// <summary>Stands in for the owner of a connection that nobody took, until the driver has closed it.</summary>
internal sealed class DiscardedConnection : IConnectionHandler
{
    public static readonly DiscardedConnection Instance = new();

    public void OnReceived(in ReceivedBuffer buffer) => buffer.Return();

    public void OnReceiveEnded(ReceiveEnd end, SocketError error)
    {
    }

    public void OnSent(SocketError error)
    {
    }

    public void OnClosed()
    {
    }
}
