using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Gyre.Interop.Linux;

/// <summary>Reads of a file that take what the page cache holds and never wait for the disk.</summary>
internal static unsafe class CachedRead
{
    /// <summary>
    /// Reads at <paramref name="offset"/>. The count, which may be short and is 0 at the end of the file, or a negated errno: EAGAIN when the disk
    /// would have to be waited for, EOPNOTSUPP where the file system can't tell.
    /// </summary>
    public static int Read(SafeFileHandle file, Span<byte> destination, long offset)
    {
        bool referenced = false;
        try
        {
            file.DangerousAddRef(ref referenced);
            fixed (byte* buffer = &MemoryMarshal.GetReference(destination))
            {
                return Libc.ReadNoWait((int)file.DangerousGetHandle(), buffer, destination.Length, offset);
            }
        }
        finally
        {
            if (referenced)
            {
                file.DangerousRelease();
            }
        }
    }
}
