using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;

namespace Gyre.Drivers;

/// <summary>A stream connection of a driver: one receive and one send may be under way at a time.</summary>
public abstract class DriverConnection
{
    /// <summary>Own address; null when it can't be told any more.</summary>
    public abstract IPEndPoint? LocalEndPoint { get; }

    /// <summary>The peer's address; null when it can't be told any more.</summary>
    public abstract IPEndPoint? RemoteEndPoint { get; }

    /// <summary>
    /// Bytes that the peer has acknowledged since the connection began: what it took, whatever the system still holds for it. Null where
    /// the system doesn't tell.
    /// </summary>
    public virtual long? AcknowledgedBytes => null;

    /// <summary>Bytes that were handed to the system to send and that the peer hasn't acknowledged. Null where the system doesn't tell.</summary>
    public virtual long? UnacknowledgedBytes => null;

    /// <summary>Names the receiver of events. Called once, before anything is started.</summary>
    public abstract void Attach(IConnectionHandler handler);

    /// <summary>
    /// Begins to deliver what arrives, again and again, until <see cref="IConnectionHandler.OnReceiveEnded"/>. Must not be
    /// called while receiving, nor after the end of the stream.
    /// </summary>
    public abstract void StartReceive();

    /// <summary>
    /// Asks for a pause. Data may still follow; then <see cref="ReceiveEnd.Stopped"/> (or the stream's end, if that came first).
    /// </summary>
    public abstract void StopReceive();

    /// <summary>
    /// Sends all of <paramref name="data"/>, which must be pinned memory that stays untouched until
    /// <see cref="IConnectionHandler.OnSent"/>. Must not be called while a send is under way, nor with nothing to send.
    /// </summary>
    public abstract void StartSend(in ReadOnlySequence<byte> data);

    /// <summary>
    /// As <see cref="StartSend"/>, but nobody waits for the end: <see cref="IConnectionHandler.OnSent"/> need not end a wait of
    /// <see cref="Driver.Turn"/>, and may come with whatever happens next. A failure, or bytes that the system didn't take at
    /// once, are handled without delay. A driver that gains nothing from it sends as always.
    /// </summary>
    public virtual void StartQuietSend(in ReadOnlySequence<byte> data) => StartSend(data);

    /// <summary>
    /// As <see cref="StartSend"/>, and the next send follows at once: the system may hold back a last packet that isn't full, for
    /// up to 200 ms, so that what follows shares it. A driver that gains nothing from it sends as always.
    /// </summary>
    public virtual void StartSendWithMore(in ReadOnlySequence<byte> data) => StartSend(data);

    /// <summary>
    /// Sends exactly <paramref name="count"/> bytes of a regular file from <paramref name="offset"/>, both in bytes, 0 included, by the
    /// rules of <see cref="StartSend"/>: it must not be called while a send is under way, and ends in
    /// <see cref="IConnectionHandler.OnSent"/>. Until then, or after a close until <see cref="IConnectionHandler.OnClosed"/>, the
    /// driver holds a reference on the handle. No other connection waits for more than a bounded piece of the file, but the disk is
    /// waited for on the loop's thread: whoever can't have that sees to it that the bytes are in the system's cache. Needs
    /// <see cref="DriverCapabilities.SendFile"/>.
    /// </summary>
    /// <remarks>
    /// Two errors are of the file. <see cref="SocketError.MessageSize"/>: it ended before <paramref name="offset"/> +
    /// <paramref name="count"/>, because it was cut while it was sent; what there was has been taken.
    /// <see cref="SocketError.OperationNotSupported"/>: the system can't send this file this way, and has taken none of it, so it
    /// may be read and sent.
    /// </remarks>
    /// <exception cref="PlatformNotSupportedException">The driver lacks the capability.</exception>
    public virtual void StartSendFile(SafeFileHandle file, long offset, long count) => throw new PlatformNotSupportedException(
        $"A {GetType().Name} can't send a file; read it and send the bytes, or use a driver with DriverCapabilities.SendFile.");

    /// <summary>Ends the sending side (FIN) behind a send that is under way. Receiving goes on.</summary>
    public abstract void ShutdownSend();

    /// <summary>
    /// Ends everything. <paramref name="abort"/> sends a reset and drops unsent bytes; otherwise the system goes on to
    /// deliver what it has taken. <see cref="IConnectionHandler.OnClosed"/> follows, and no other event.
    /// </summary>
    public abstract void Close(bool abort);

    /// <summary>Turns Nagle's delay off (true, the default) or on.</summary>
    public abstract void SetNoDelay(bool value);

    /// <summary>Turns TCP keep-alive probes on or off (the default).</summary>
    public abstract void SetKeepAlive(bool value);

    /// <summary>
    /// Releases a connection on which nothing was started, so that another loop's driver can <see cref="Driver.Adopt"/> it.
    /// Needs <see cref="DriverCapabilities.HandOver"/>.
    /// </summary>
    /// <exception cref="PlatformNotSupportedException">The driver lacks the capability.</exception>
    public virtual object Detach() =>
        throw new PlatformNotSupportedException("This driver can't hand a connection over to another loop.");
}
