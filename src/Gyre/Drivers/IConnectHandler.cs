using System.Net.Sockets;

namespace Gyre.Drivers;

/// <summary>Receives the outcome of a connection attempt: exactly one of the two, on the loop's thread, during a turn.</summary>
public interface IConnectHandler
{
    /// <summary>Connected; the connection is the handler's to close.</summary>
    void OnConnected(DriverConnection connection);

    /// <summary>Not connected, and nothing is left open. <see cref="SocketError.OperationAborted"/> after a cancel.</summary>
    void OnConnectFailed(SocketError error);
}
