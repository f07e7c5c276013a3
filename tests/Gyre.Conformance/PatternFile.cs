using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace Gyre.Conformance;

/// <summary>A file that holds a piece of a <see cref="Pattern"/> behind some bytes that belong to none; gone when disposed.</summary>
internal sealed class PatternFile : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    public PatternFile(int seed, long position, long length, int before = 0)
    {
        Handle = File.OpenHandle(_path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        RandomAccess.Write(Handle, new byte[before], 0);
        long at = before;
        foreach (ReadOnlyMemory<byte> piece in Pattern.Of(seed, position, length))
        {
            RandomAccess.Write(Handle, piece.Span, at);
            at += piece.Length;
        }
    }

    public SafeFileHandle Handle { get; }

    /// <summary>What happens to a file under way when somebody empties it.</summary>
    public void Cut(long length) => RandomAccess.SetLength(Handle, length);

    public void Dispose()
    {
        Handle.Dispose();
        File.Delete(_path);
    }
}
