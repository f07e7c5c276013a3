using System.Diagnostics;
using System.Runtime.InteropServices;
using Gyre.Interop.Linux;

namespace Gyre.Drivers.Epoll;

/// <summary>One epoll instance and the memory that the kernel writes its events to.</summary>
[DebuggerDisplay("fd = {_fd}, calls = {Calls}")]
internal sealed unsafe class EpollSet
{
    /// <summary>Events taken by one wait; what doesn't fit comes with the next. 512 of 12 bytes are two pages.</summary>
    private const int EventsMax = 512;

    private const long NanosecondsPerMillisecond = 1_000_000;

    private readonly int _fd;
    private readonly byte* _events;
    private bool _waitsPrecisely = true;

    private EpollSet(int fd)
    {
        _fd = fd;
        _events = (byte*)NativeMemory.Alloc((nuint)(EventsMax * Libc.EpollEventSize));
    }

    /// <summary>System calls made so far.</summary>
    public long Calls { get; private set; }

    /// <summary>Opens an instance; null and a negated errno when the system refuses.</summary>
    public static EpollSet? TryCreate(out int error)
    {
        int fd = Libc.EpollCreate();
        error = Math.Min(fd, 0);
        return fd < 0 ? null : new EpollSet(fd);
    }

    /// <summary>Registers <paramref name="fd"/>; 0 or a negated errno.</summary>
    public int Add(int fd, uint events, ulong data) => Control(Libc.EPOLL_CTL_ADD, fd, events, data);

    /// <summary>Changes what is reported of <paramref name="fd"/>; 0 or a negated errno.</summary>
    public int Modify(int fd, uint events, ulong data) => Control(Libc.EPOLL_CTL_MOD, fd, events, data);

    /// <summary>Takes out <paramref name="fd"/>. A failure means that it isn't in, which is what was wanted.</summary>
    public void Remove(int fd) => Control(Libc.EPOLL_CTL_DEL, fd, 0, 0);

    /// <summary>Waits at most <paramref name="timeoutNanoseconds"/> (-1: for ever); how many events to read, or a negated errno.</summary>
    public int Wait(long timeoutNanoseconds)
    {
        Calls++;
        int count = timeoutNanoseconds <= 0
            ? Libc.EpollWaitMilliseconds(_fd, _events, EventsMax, timeoutNanoseconds < 0 ? -1 : 0)
            : WaitForTime(timeoutNanoseconds);
        return count == -Errno.EINTR ? 0 : count;
    }

    /// <summary>Reads the event at <paramref name="index"/> of the last wait.</summary>
    public void Read(int index, out uint mask, out ulong data) => Libc.ReadEpollEvent(_events, index, out mask, out data);

    public void Close()
    {
        Libc.Close(_fd);
        NativeMemory.Free(_events);
    }

    private int Control(int operation, int fd, uint events, ulong data)
    {
        Calls++;
        return Libc.EpollControl(_fd, operation, fd, events, data);
    }

    private int WaitForTime(long nanoseconds)
    {
        if (_waitsPrecisely)
        {
            int count = WaitPrecisely(nanoseconds);

            // The call came with kernel 5.11. Older sandboxes answer EPERM to a call that they don't know.
            if (count is not (-Errno.ENOSYS or -Errno.EPERM))
            {
                return count;
            }

            _waitsPrecisely = false;
        }

        // Rounded up: a wait that ends early would turn until the time has come.
        long milliseconds = Math.Min((nanoseconds - 1) / NanosecondsPerMillisecond, int.MaxValue - 1) + 1;
        return Libc.EpollWaitMilliseconds(_fd, _events, EventsMax, (int)milliseconds);
    }

    private int WaitPrecisely(long nanoseconds)
    {
        var timeout = new KernelTimespec { Seconds = nanoseconds / 1_000_000_000, Nanoseconds = nanoseconds % 1_000_000_000 };
        try
        {
            return Libc.EpollWait(_fd, _events, EventsMax, &timeout);
        }
        catch (EntryPointNotFoundException)
        {
            // musl, and glibc before 2.35, have no wrapper for the call: the same as a kernel without it.
            return -Errno.ENOSYS;
        }
    }
}
