using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Gyre.Interop.Linux;

/// <summary>
/// Files found beneath a directory by openat2(2), whose kernel part walks the path: there is no moment between a check and an open
/// in which somebody could put a link in the way.
/// </summary>
internal static unsafe class Beneath
{
    /// <summary>Linux's PATH_MAX with its terminating zero.</summary>
    public const int PathBytesMax = 4096;

    private const ulong Inside = Libc.RESOLVE_BENEATH | Libc.RESOLVE_NO_MAGICLINKS;

    /// <summary>How often a walk that raced with a rename above it is tried again; the kernel asks for that by EAGAIN.</summary>
    private const int TriesMax = 8;

    /// <summary>Bytes of a batch of names; 250 of 100 letters.</summary>
    private const int NamesBytes = 32 * 1024;

    /// <summary>Offsets in struct linux_dirent64.</summary>
    private const int RecordLengthOffset = 16;
    private const int NameOffset = 19;

    /// <summary>Opens the directory itself; null and a negated errno when that fails.</summary>
    public static SafeFileHandle? OpenRoot(string path, out int error)
    {
        byte[] text = Encoding.UTF8.GetBytes(path + '\0');
        fixed (byte* first = text)
        {
            error = Libc.OpenExisting(first, Libc.O_PATH | Libc.O_DIRECTORY | Libc.O_CLOEXEC);
        }

        return error < 0 ? null : new SafeFileHandle(error, ownsHandle: true);
    }

    /// <summary>Opens what <paramref name="path"/>, which ends with a zero byte, leads to; a descriptor or a negated errno.</summary>
    public static int Open(SafeFileHandle root, ReadOnlySpan<byte> path, int flags, bool outsideToo)
    {
        bool referenced = false;
        try
        {
            root.DangerousAddRef(ref referenced);
            int fd = -Errno.EAGAIN;
            fixed (byte* first = path)
            {
                for (int i = 0; i < TriesMax && fd is -Errno.EAGAIN or -Errno.EINTR; i++)
                {
                    fd = Libc.OpenAt2(
                        (int)root.DangerousGetHandle(), first, flags | Libc.O_CLOEXEC, outsideToo ? Libc.RESOLVE_NO_MAGICLINKS : Inside);
                }
            }

            return fd;
        }
        finally
        {
            if (referenced)
            {
                root.DangerousRelease();
            }
        }
    }

    /// <summary>What a descriptor leads to; 0 or a negated errno.</summary>
    public static int Status(int fd, out FileStatus status)
    {
        fixed (FileStatus* to = &status)
        {
            return Libc.Status(fd, to);
        }
    }

    /// <summary>
    /// The names in an open directory, at most <paramref name="countMax"/>, without those of itself and its parent; 0 or a negated errno. Names that
    /// aren't UTF-8 are passed over: nothing here could open them.
    /// </summary>
    public static int ReadNames(int fd, int countMax, List<string> names, out bool isCut)
    {
        isCut = false;
        byte[] batch = GC.AllocateUninitializedArray<byte>(NamesBytes);
        fixed (byte* first = batch)
        {
            while (true)
            {
                int length = Libc.ReadDirectory(fd, first, NamesBytes);
                if (length <= 0)
                {
                    return length;
                }

                if (!Take(batch.AsSpan(0, length), countMax, names))
                {
                    isCut = true;
                    return 0;
                }
            }
        }
    }

    /// <summary>Adds the names of a batch; false when there are more than may be.</summary>
    private static bool Take(ReadOnlySpan<byte> batch, int countMax, List<string> names)
    {
        while (batch.Length > 0)
        {
            int record = MemoryMarshal.Read<ushort>(batch[RecordLengthOffset..]);
            ReadOnlySpan<byte> name = batch[NameOffset..record];
            name = name[..name.IndexOf((byte)0)];
            batch = batch[record..];
            if (name.SequenceEqual("."u8) || name.SequenceEqual(".."u8) || !System.Text.Unicode.Utf8.IsValid(name))
            {
                continue;
            }

            if (names.Count == countMax)
            {
                return false;
            }

            names.Add(Encoding.UTF8.GetString(name));
        }

        return true;
    }
}
