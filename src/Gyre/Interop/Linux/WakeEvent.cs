using System.Diagnostics;

namespace Gyre.Interop.Linux;

/// <summary>An eventfd by which any thread ends the wait of a loop.</summary>
/// <remarks>
/// A waker may be past every check of its own when the loop's thread closes the descriptor. The number can be another
/// file's by then, so signalling and closing exclude each other.
/// </remarks>
[DebuggerDisplay("fd = {Fd}, signalled = {_signalled}")]
internal sealed class WakeEvent
{
    private readonly Lock _gate = new();
    private int _signalled;
    private bool _closed;

    private WakeEvent(int fd) => Fd = fd;

    /// <summary>The descriptor, readable once signalled.</summary>
    public int Fd { get; }

    /// <summary>Opens an eventfd; null and a negated errno when the system refuses.</summary>
    public static WakeEvent? TryCreate(out int error)
    {
        int fd = Libc.EventFd();
        error = Math.Min(fd, 0);
        return fd < 0 ? null : new WakeEvent(fd);
    }

    /// <summary>
    /// Makes the descriptor readable. Any thread; signals before the next <see cref="Clear"/> coalesce; nothing after <see
    /// cref="Close"/>.
    /// </summary>
    public void Signal()
    {
        if (Interlocked.Exchange(ref _signalled, 1) != 0)
        {
            return;
        }

        lock (_gate)
        {
            if (!_closed)
            {
                Libc.SignalEventFd(Fd);
            }
        }
    }

    /// <summary>
    /// Lets the next signal through: the loop is awake and will look at everything once. Loop thread. A counter that is
    /// drained must be drained before: a signal that came between would be drained with its mark still set, and every later
    /// one be taken for a repetition.
    /// </summary>
    /// <remarks>A full fence: what the loop looks at next must not be read before the mark is gone.</remarks>
    public void Clear() => Interlocked.Exchange(ref _signalled, 0);

    /// <summary>Closes the descriptor. Loop thread, once.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            Libc.Close(Fd);
        }
    }
}
