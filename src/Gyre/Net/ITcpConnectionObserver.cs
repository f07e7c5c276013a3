namespace Gyre.Net;

/// <summary>Is told of the ends of a <see cref="TcpConnection"/>, whoever reads and writes it.</summary>
/// <remarks>
/// Called in a turn of its own behind the event, on the connection's loop and in the loop's root scope; what it throws fails the
/// run. One observer serves a connection, so that an idle one pays one field for it.
/// </remarks>
public interface ITcpConnectionObserver
{
    /// <summary>
    /// The peer will send nothing more: it ended its side, or the connection broke. Unread bytes may still be there. Seen while
    /// the connection receives, which pauses at 64 KiB unread; not called for an end that this side brought about.
    /// </summary>
    /// <param name="connection">Which.</param>
    /// <param name="isBroken">Whether nothing can be sent either, as after a reset.</param>
    void OnInputEnded(TcpConnection connection, bool isBroken);

    /// <summary>
    /// The system has let go of the connection, and its descriptor is free again, which may be some time after
    /// <see cref="TcpConnection.DisposeAsync"/>. Not called when the loop ends before.
    /// </summary>
    /// <param name="connection">Which.</param>
    void OnClosed(TcpConnection connection);
}
