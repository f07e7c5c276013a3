using System.Runtime.InteropServices;

namespace Gyre.Interop.Linux;

internal static unsafe partial class Libc
{
    public const uint EPOLLIN = 0x001;
    public const uint EPOLLOUT = 0x004;
    public const uint EPOLLERR = 0x008;
    public const uint EPOLLHUP = 0x010;
    public const uint EPOLLRDHUP = 0x2000;
    public const uint EPOLLONESHOT = 1u << 30;
    public const uint EPOLLET = 1u << 31;
    public const int EPOLL_CTL_ADD = 1;
    public const int EPOLL_CTL_DEL = 2;
    public const int EPOLL_CTL_MOD = 3;

    private static readonly bool s_packed = RuntimeInformation.ProcessArchitecture == Architecture.X64;

    [LibraryImport(Library, SetLastError = true)]
    private static partial int epoll_create1(int flags);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int epoll_ctl(int epfd, int op, int fd, void* ev);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int epoll_wait(int epfd, void* events, int maxevents, int timeout);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int epoll_pwait2(int epfd, void* events, int maxevents, KernelTimespec* timeout, void* sigmask);

    /// <summary>Bytes of one struct epoll_event: packed to 12 on x64, aligned to 16 elsewhere.</summary>
    public static int EpollEventSize => s_packed ? sizeof(EpollEventPacked) : sizeof(EpollEventAligned);

    public static int EpollCreate()
    {
        int fault = SystemCallFault.Check("epoll_create1");
        return fault != 0 ? -fault : Result(epoll_create1(O_CLOEXEC));
    }

    public static int EpollControl(int epfd, int op, int fd, uint events, ulong data)
    {
        int fault = SystemCallFault.Check("epoll_ctl");
        if (fault != 0)
        {
            return -fault;
        }

        if (s_packed)
        {
            var packed = new EpollEventPacked { Events = events, Data = data };
            return Result(epoll_ctl(epfd, op, fd, &packed));
        }

        var aligned = new EpollEventAligned { Events = events, Data = data };
        return Result(epoll_ctl(epfd, op, fd, &aligned));
    }

    /// <summary>Waits with nanosecond resolution; ENOSYS before kernel 5.11 (<see cref="EpollWaitMilliseconds"/> then).</summary>
    public static int EpollWait(int epfd, byte* events, int count, KernelTimespec* timeout)
    {
        int fault = SystemCallFault.Check("epoll_pwait2");
        return fault != 0 ? -fault : Result(epoll_pwait2(epfd, events, count, timeout, null));
    }

    public static int EpollWaitMilliseconds(int epfd, byte* events, int count, int timeoutMilliseconds)
    {
        int fault = SystemCallFault.Check("epoll_wait");
        return fault != 0 ? -fault : Result(epoll_wait(epfd, events, count, timeoutMilliseconds));
    }

    /// <summary>Reads the event at <paramref name="index"/> of a buffer that the kernel filled.</summary>
    public static void ReadEpollEvent(byte* events, int index, out uint mask, out ulong data)
    {
        if (s_packed)
        {
            EpollEventPacked* packed = (EpollEventPacked*)events + index;
            mask = packed->Events;
            data = packed->Data;
            return;
        }

        EpollEventAligned* aligned = (EpollEventAligned*)events + index;
        mask = aligned->Events;
        data = aligned->Data;
    }
}
