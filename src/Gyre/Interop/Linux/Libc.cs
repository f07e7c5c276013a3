using System.Runtime.InteropServices;

namespace Gyre.Interop.Linux;

/// <summary>
/// System calls through the C library. Each returns what the call returned, or the negated errno: the convention of
/// io_uring completions, so that one errno table serves every path.
/// </summary>
internal static unsafe partial class Libc
{
    private const string Library = "libc";

    public const int O_CLOEXEC = 0x80000;
    public const int EFD_CLOEXEC = 0x80000;
    public const int EFD_NONBLOCK = 0x800;

    private const int F_DUPFD_CLOEXEC = 1030;
    private const int F_SETFD = 2;
    private const int FD_CLOEXEC = 1;
    private const nuint FIONBIO = 0x5421;

    public const int PROT_READ = 1;
    public const int PROT_WRITE = 2;
    public const int MAP_SHARED = 1;
    public const int MAP_PRIVATE = 2;
    public const int MAP_ANONYMOUS = 0x20;
    public const int MAP_POPULATE = 0x8000;

    [LibraryImport(Library, SetLastError = true)]
    private static partial int close(int fd);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int eventfd(uint initval, int flags);

    [LibraryImport(Library, SetLastError = true)]
    private static partial nint read(int fd, void* buf, nuint count);

    [LibraryImport(Library, SetLastError = true)]
    private static partial nint write(int fd, void* buf, nuint count);

    [LibraryImport(Library, SetLastError = true)]
    private static partial void* mmap(void* addr, nuint length, int prot, int flags, int fd, nint offset);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int munmap(void* addr, nuint length);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int fcntl(int fd, int operation, nint argument);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int ioctl(int fd, nuint request, void* argument);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int fchmod(int fd, uint mode);

    [LibraryImport(Library)]
    private static partial uint geteuid();

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int folder, string path, int flags, uint mask, byte* result);

    private static int Result(int value) => value >= 0 ? value : -Marshal.GetLastPInvokeError();

    private static int Result(nint value) => value >= 0 ? (int)value : -Marshal.GetLastPInvokeError();

    /// <summary>close(2). EINTR still closes on Linux, so it is never retried.</summary>
    public static int Close(int fd)
    {
        int fault = SystemCallFault.Check("close");
        return fault != 0 ? -fault : Result(close(fd));
    }

    /// <summary>Another descriptor of the same open file description, close-on-exec; or a negated errno.</summary>
    public static int Duplicate(int fd) => Result(fcntl(fd, F_DUPFD_CLOEXEC, 0));

    /// <summary>Sets close-on-exec, which is a property of the descriptor.</summary>
    public static int SetCloseOnExec(int fd) => Result(fcntl(fd, F_SETFD, FD_CLOEXEC));

    /// <summary>
    /// Sets or clears O_NONBLOCK, which is a property of the open file description: all descriptors of it, in whatever
    /// process, change.
    /// </summary>
    public static int SetNonBlocking(int fd, bool on)
    {
        int value = on ? 1 : 0;
        return Result(ioctl(fd, FIONBIO, &value));
    }

    /// <summary>fchmod(2). On a socket before bind it is the mode that its file in the file system will have.</summary>
    public static int SetMode(int fd, uint mode) => Result(fchmod(fd, mode));

    /// <summary>Whether there is a socket at <paramref name="path"/>; symbolic links are not followed.</summary>
    public static bool IsSocketFile(string path)
    {
        const int currentFolder = -100;
        const int noFollow = 0x100;
        const uint onlyType = 1;
        const int modeOffset = 28;
        const int typeMask = 0xF000;
        const int typeSocket = 0xC000;
        byte* result = stackalloc byte[256];
        return statx(currentFolder, path, noFollow, onlyType, result) == 0 && (*(ushort*)(result + modeOffset) & typeMask) == typeSocket;
    }

    /// <summary>geteuid(2), which can't fail.</summary>
    public static uint EffectiveUser() => geteuid();

    /// <summary>eventfd(2), close-on-exec and non-blocking.</summary>
    public static int EventFd()
    {
        int fault = SystemCallFault.Check("eventfd");
        return fault != 0 ? -fault : Result(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    }

    /// <summary>Adds one to an eventfd. EAGAIN means that the counter is full, so a wake is already under way.</summary>
    public static int SignalEventFd(int fd)
    {
        ulong one = 1;
        return Result(write(fd, &one, sizeof(ulong)));
    }

    /// <summary>Empties an eventfd's counter.</summary>
    public static int DrainEventFd(int fd)
    {
        ulong value;
        return Result(read(fd, &value, sizeof(ulong)));
    }

    /// <summary>mmap(2); null and a negated errno when it fails.</summary>
    public static void* Map(nuint length, int flags, int fd, long offset, out int error)
    {
        int fault = SystemCallFault.Check("mmap");
        if (fault != 0)
        {
            error = -fault;
            return null;
        }

        void* address = mmap(null, length, PROT_READ | PROT_WRITE, flags, fd, (nint)offset);
        if ((nint)address == -1)
        {
            error = -Marshal.GetLastPInvokeError();
            return null;
        }

        error = 0;
        return address;
    }

    /// <summary>munmap(2).</summary>
    public static void Unmap(void* address, nuint length) => munmap(address, length);
}
