using System.Net;
using System.Net.Sockets;

namespace Gyre.Samples.Ladder;

/// <summary>The listening socket of the stages that have no loop.</summary>
internal static class SocketListener
{
    /// <summary>A burst of clients waits in the system's queue instead of being turned away.</summary>
    private const int Backlog = 4096;

    public static Socket Listen(Setting setting)
    {
        var listener = new Socket(setting.EndPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            // So that a server can be started again while connections of the one before it linger.
            listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            listener.Bind(setting.EndPoint);
            listener.Listen(Backlog);
        }
        catch
        {
            listener.Dispose();
            throw;
        }

        var endPoint = (IPEndPoint)listener.LocalEndPoint!;
        setting.Stop.Register(() => Knock(endPoint));
        setting.OnReady(endPoint);
        return listener;
    }

    /// <summary>A thread that is blocked in an accept can't be told to stop: it is given a connection, and looks then.</summary>
    private static void Knock(IPEndPoint endPoint)
    {
        using var knocking = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { Blocking = false };
        try
        {
            knocking.Connect(endPoint);
        }
        catch (SocketException)
        {
            // It is under way, or nobody listens any more.
        }
    }
}
