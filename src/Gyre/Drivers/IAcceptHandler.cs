using System.Net.Sockets;

namespace Gyre.Drivers;

/// <summary>Receives the events of a <see cref="DriverListener"/>. Called on the loop's thread, during a turn.</summary>
public interface IAcceptHandler
{
    /// <summary>A connection was accepted; it is the handler's to close.</summary>
    void OnAccepted(DriverConnection connection);

    /// <summary>
    /// Accepting has ended and can be started again: because it was stopped (<see cref="SocketError.OperationAborted"/>), or
    /// because descriptors or memory ran out (<see cref="SocketError.TooManyOpenSockets"/>,
    /// <see cref="SocketError.NoBufferSpaceAvailable"/>: start again after a pause or when a connection has closed), or
    /// because the listener is broken (anything else).
    /// </summary>
    void OnAcceptEnded(SocketError reason);

    /// <summary>The listener's descriptor is closed. Nothing comes after it.</summary>
    void OnListenerClosed();
}
