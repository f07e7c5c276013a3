using Gyre.Interop.Linux;
using Microsoft.Win32.SafeHandles;

namespace Gyre.Files;

/// <summary>The way by openat2(2): the kernel holds the walk beneath the root, whatever is renamed or linked meanwhile.</summary>
/// <remarks>
/// O_NONBLOCK has a pipe open at once instead of waiting for its other end; what was opened is looked at, by its descriptor, before
/// anybody reads from it.
/// </remarks>
internal sealed class NativeWay : FileWay
{
    private const int ForReading = Libc.O_RDONLY | Libc.O_NONBLOCK | Libc.O_NOCTTY;

    private readonly SafeFileHandle _root;
    private readonly bool _outsideToo;

    private NativeWay(SafeFileHandle root, bool outsideToo)
    {
        _root = root;
        _outsideToo = outsideToo;
    }

    /// <summary>Null where the kernel has no openat2, or a sandbox forbids it.</summary>
    /// <exception cref="IOException">The root can't be opened.</exception>
    public static NativeWay? TryCreate(string root, bool outsideToo)
    {
        SafeFileHandle handle = Beneath.OpenRoot(root, out int error) ?? throw Failed(root, error);
        int probe = Beneath.Open(handle, ".\0"u8, Libc.O_PATH, outsideToo);
        if (probe < 0)
        {
            handle.Dispose();
            return null;
        }

        Libc.Close(probe);
        return new NativeWay(handle, outsideToo);
    }

    public override FileOutcome TryOpen(ReadOnlySpan<byte> path, out FileEntry? entry)
    {
        entry = null;
        int fd = Open(path, ForReading);
        try
        {
            FileOutcome outcome = OutcomeOf(fd, out FileStat stat);
            if (outcome == FileOutcome.File)
            {
                // It has done its part, and BCL code takes a handle with it for one of another kind.
                Libc.SetOnlyNonBlocking(fd, false);
                entry = new FileEntry(new SafeFileHandle(fd, ownsHandle: true), stat);
            }

            return outcome;
        }
        finally
        {
            CloseUnless(entry is not null, fd);
        }
    }

    public override FileOutcome TryStat(ReadOnlySpan<byte> path, out FileStat stat)
    {
        int fd = Open(path, Libc.O_PATH);
        try
        {
            return OutcomeOf(fd, out stat);
        }
        finally
        {
            CloseUnless(false, fd);
        }
    }

    public override FileOutcome TryReadNames(ReadOnlySpan<byte> path, int countMax, List<string> names, out bool isCut)
    {
        isCut = false;
        int fd = Open(path, ForReading);
        try
        {
            FileOutcome outcome = OutcomeOf(fd, out _);
            int error = outcome == FileOutcome.Directory ? Beneath.ReadNames(fd, countMax, names, out isCut) : 0;
            return error < 0 ? OutcomeOf(error, out _) : outcome;
        }
        finally
        {
            CloseUnless(false, fd);
        }
    }

    public override void Dispose() => _root.Dispose();

    private int Open(ReadOnlySpan<byte> path, int flags)
    {
        Span<byte> terminated = stackalloc byte[Beneath.PathBytesMax];
        if (path.IsEmpty)
        {
            path = "."u8;
        }

        path.CopyTo(terminated);
        terminated[path.Length] = 0;
        return Beneath.Open(_root, terminated[..(path.Length + 1)], flags, _outsideToo);
    }

    private static void CloseUnless(bool isTaken, int fd)
    {
        if (!isTaken && fd >= 0)
        {
            Libc.Close(fd);
        }
    }

    /// <summary>What a descriptor, or a negated errno in its place, says; the descriptor stays the caller's.</summary>
    private static FileOutcome OutcomeOf(int fd, out FileStat stat)
    {
        stat = default;
        FileStatus status = default;
        int error = fd < 0 ? fd : Beneath.Status(fd, out status);
        switch (error)
        {
            case >= 0:
                break;
            case -Errno.ENOENT or -Errno.ENOTDIR or -Errno.ELOOP:
                return FileOutcome.NotFound;
            case -Errno.ENAMETOOLONG:
                return FileOutcome.TooLong;
            case -Errno.EXDEV or -Errno.EACCES or -Errno.EPERM or -Errno.ENXIO or -Errno.ENODEV or -Errno.EAGAIN:
                return FileOutcome.Forbidden;
            default:
                throw Failed("a file beneath a root", error);
        }

        if (!status.IsRegular && !status.IsDirectory)
        {
            return FileOutcome.Forbidden;
        }

        ulong device = ((ulong)status.DeviceMajor << 20) | status.DeviceMinor;
        stat = new FileStat(
            status.IsDirectory, status.IsDirectory ? 0 : (long)status.Size, status.Modified, status.Inode ^ (device << 40) ^ (device >> 24));
        return status.IsDirectory ? FileOutcome.Directory : FileOutcome.File;
    }

    private static IOException Failed(string what, int error)
    {
        string why = -error switch
        {
            Errno.ENOENT => "it doesn't exist",
            Errno.ENOTDIR => "it is no directory",
            Errno.EACCES or Errno.EPERM => "this process may not",
            Errno.EMFILE or Errno.ENFILE => "no descriptor is free (ulimit -n)",
            _ => "the system failed",
        };
        return new IOException($"Can't open {what}: {why} (errno {-error}).");
    }
}
