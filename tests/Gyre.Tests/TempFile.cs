using Microsoft.Win32.SafeHandles;

namespace Gyre.Tests;

/// <summary>A file of known bytes (<see cref="Bytes"/>), gone when disposed.</summary>
internal sealed class TempFile : IDisposable
{
    public TempFile(long length, int seed)
    {
        Handle = File.OpenHandle(Path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        byte[] bytes = new byte[65536];
        for (long at = 0; at < length; at += bytes.Length)
        {
            int count = (int)Math.Min(bytes.Length, length - at);
            for (int i = 0; i < count; i++)
            {
                bytes[i] = Bytes.At(at + i, seed);
            }

            RandomAccess.Write(Handle, bytes.AsSpan(0, count), at);
        }
    }

    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), System.IO.Path.GetRandomFileName());

    public SafeFileHandle Handle { get; }

    public void Cut(long length) => RandomAccess.SetLength(Handle, length);

    public void Dispose()
    {
        Handle.Dispose();
        File.Delete(Path);
    }
}
