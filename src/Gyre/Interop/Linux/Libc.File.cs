using System.Runtime.InteropServices;

namespace Gyre.Interop.Linux;

internal static unsafe partial class Libc
{
    public const int O_RDONLY = 0;
    public const int O_NOCTTY = 0x100;
    public const int O_NONBLOCK = 0x800;
    public const int O_PATH = 0x200000;

    public const ulong RESOLVE_NO_MAGICLINKS = 0x02;
    public const ulong RESOLVE_BENEATH = 0x08;

    public const int AT_FDCWD = -100;
    public const uint STATX_BASIC_STATS = 0x7ff;

    /// <summary>Of the flags that are used here the one that arm64 has elsewhere.</summary>
    public static readonly int O_DIRECTORY = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x4000 : 0x10000;

    private const int F_SETFL = 4;
    private const int RWF_NOWAIT = 0x08;
    private const int AT_EMPTY_PATH = 0x1000;

    /// <summary>The number is the same on every architecture, as those of io_uring are.</summary>
    private const nint SysOpenAt2 = 437;

    [LibraryImport(Library, SetLastError = true)]
    private static partial nint sendfile(int outFd, int inFd, long* offset, nuint count);

    [LibraryImport(Library, SetLastError = true)]
    private static partial nint preadv2(int fd, IoVec* vectors, int count, long offset, int flags);

    [LibraryImport(Library, SetLastError = true)]
    private static partial int statx(int dirFd, byte* path, int flags, uint mask, FileStatus* status);

    [LibraryImport(Library, EntryPoint = "open", SetLastError = true)]
    private static partial int open_existing(byte* path, int flags, nint mode);

    [LibraryImport(Library, EntryPoint = "syscall", SetLastError = true)]
    private static partial nint syscall_openat2(nint number, nint dirFd, byte* path, OpenHow* how, nint size);

    [LibraryImport(Library, SetLastError = true)]
    private static partial nint getdents64(int fd, byte* buffer, nuint length);

    /// <summary>
    /// sendfile(2) from <paramref name="offset"/>. It has no flag for it, but a write to a broken socket raises no signal here: the runtime
    /// ignores SIGPIPE for the whole process.
    /// </summary>
    public static int SendFile(int socket, int file, long offset, int count)
    {
        int fault = SystemCallFault.Check("sendfile");
        return fault != 0 ? -fault : Result(sendfile(socket, file, &offset, (nuint)count));
    }

    /// <summary>
    /// Sets O_NONBLOCK and clears the other status flags, or clears them all: one call instead of the two of <see cref="SetNonBlocking"/>.
    /// </summary>
    public static int SetOnlyNonBlocking(int fd, bool value) => Result(fcntl(fd, F_SETFL, value ? O_NONBLOCK : 0));

    /// <summary>preadv2(2) that fails with EAGAIN where it would have to wait for the disk.</summary>
    public static int ReadNoWait(int fd, byte* buffer, int length, long offset)
    {
        int fault = SystemCallFault.Check("preadv2");
        if (fault != 0)
        {
            return -fault;
        }

        var vector = new IoVec { Base = buffer, Length = (nuint)length };
        return Result(preadv2(fd, &vector, 1, offset, RWF_NOWAIT));
    }

    /// <summary>open(2) of what is there already.</summary>
    public static int OpenExisting(byte* path, int flags)
    {
        int fault = SystemCallFault.Check("open");
        return fault != 0 ? -fault : Result(open_existing(path, flags, 0));
    }

    /// <summary>openat2(2); ENOSYS before kernel 5.6, EPERM in some sandboxes.</summary>
    public static int OpenAt2(int dirFd, byte* path, int flags, ulong resolve)
    {
        int fault = SystemCallFault.Check("openat2");
        if (fault != 0)
        {
            return -fault;
        }

        var how = new OpenHow { Flags = (ulong)flags, Resolve = resolve };
        return Result(syscall_openat2(SysOpenAt2, dirFd, path, &how, sizeof(OpenHow)));
    }

    /// <summary>statx(2) of an open descriptor.</summary>
    public static int Status(int fd, FileStatus* status)
    {
        byte empty = 0;
        int fault = SystemCallFault.Check("statx");
        return fault != 0 ? -fault : Result(statx(fd, &empty, AT_EMPTY_PATH, STATX_BASIC_STATS, status));
    }

    /// <summary>getdents64(2): the next names of a directory; 0 behind the last.</summary>
    public static int ReadDirectory(int fd, byte* buffer, int length)
    {
        int fault = SystemCallFault.Check("getdents64");
        return fault != 0 ? -fault : Result(getdents64(fd, buffer, (nuint)length));
    }
}
