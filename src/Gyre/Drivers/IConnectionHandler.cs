using System.Net.Sockets;

namespace Gyre.Drivers;

/// <summary>Receives the events of a <see cref="DriverConnection"/>. Called on the loop's thread, during a turn.</summary>
public interface IConnectionHandler
{
    /// <summary>Bytes arrived, at least one; see <see cref="ReceivedBuffer"/> for who owns them.</summary>
    void OnReceived(in ReceivedBuffer buffer);

    /// <summary>
    /// Receiving has ended; <paramref name="error"/> is set when <paramref name="end"/> is <see cref="ReceiveEnd.Failed"/>.
    /// </summary>
    void OnReceiveEnded(ReceiveEnd end, SocketError error);

    /// <summary>The send under way has ended: all bytes were taken, or it failed and an unknown number was.</summary>
    void OnSent(SocketError error);

    /// <summary>The system has let go of the descriptor and of every buffer. Nothing comes after it.</summary>
    void OnClosed();
}
