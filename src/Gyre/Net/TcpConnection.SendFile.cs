using Gyre.LowLevel;
using Microsoft.Win32.SafeHandles;

namespace Gyre.Net;

public sealed partial class TcpConnection
{
    /// <summary>
    /// Sends <paramref name="count"/> bytes of a file behind everything that was written to <see cref="Output"/>, which is flushed by
    /// it: what was written just before shares the file's first packet. Completes when the system has taken all of it, or, for a
    /// file of up to 16 KiB, when <see cref="Output"/> has room again. A checkpoint. Loop thread; one flow at a time may write.
    /// </summary>
    /// <remarks>
    /// Where the driver can, the bytes go from the system's cache to the socket without passing through the process; elsewhere, and
    /// for files of up to 16 KiB, they are read and sent by <see cref="Output"/>. The loop never waits for the disk: what isn't in the
    /// cache is read on the thread pool (<see cref="Offload"/>). On a file system that can't tell what is in the cache, all of it
    /// counts as there. In a simulation the file is read on the spot, so that the order of events is the seed's alone.
    /// <para>
    /// Cancelled or failed in the middle, it aborts the connection, for the peer may have a part of the file and the promise of the
    /// rest. Cancelled before anything was done, it has sent nothing and the connection goes on; cancelled while it waits for room
    /// behind the last byte of a file that is read, the whole file still goes out.
    /// </para>
    /// </remarks>
    /// <param name="file">A regular file, open for reading. It may be closed as soon as the call has completed.</param>
    /// <param name="offset">Where to begin, in bytes.</param>
    /// <param name="count">How many bytes, all of which must be there; 0 flushes what was written.</param>
    /// <param name="cancellationToken">Cancels this send alone.</param>
    /// <exception cref="IOException">
    /// The connection broke; or the file has no <paramref name="count"/> bytes there, because it was cut meanwhile, or can't be read: then the
    /// connection is aborted too, and the message names the file.
    /// </exception>
    /// <exception cref="OperationCanceledException">The scope or the token was cancelled.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="offset"/> or <paramref name="count"/> is negative.</exception>
    /// <exception cref="ObjectDisposedException">The connection was closed on this side, or the handle was.</exception>
    /// <exception cref="InvalidOperationException">
    /// Another file is being sent, <see cref="Output"/> was completed, or this isn't the connection's loop's thread.
    /// </exception>
    public ValueTask SendFileAsync(SafeFileHandle file, long offset, long count, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        VerifyOpen();
        ObjectDisposedException.ThrowIf(file.IsClosed, file);
        _writer.VerifyWritable();
        _writer.VerifyNoFile();
        if (WaitSource.CancellationOf(Loop, cancellationToken) is { } cancellation)
        {
            return ValueTask.FromException(cancellation);
        }

        var sending = new FileSending(this, _writer, file, cancellationToken);
        return count == 0 || sending.TryFillFromCache(offset, count)
            ? _writer.FlushOrThrowAsync(cancellationToken)
            : sending.SendAsync(offset, count);
    }
}
