using System.Diagnostics;
using Microsoft.Win32.SafeHandles;

namespace Gyre.Files;

/// <summary>A regular file, open for reading. Any thread.</summary>
[DebuggerDisplay("{Length} bytes, {LastWriteTime}, closed = {Handle.IsClosed}")]
public sealed class FileEntry : IDisposable
{
    internal FileEntry(SafeFileHandle handle, FileStat stat)
    {
        Handle = handle;
        Stat = stat;
    }

    /// <summary>To read from, or to send with <see cref="Net.TcpConnection.SendFileAsync"/>. It is closed with this.</summary>
    public SafeFileHandle Handle { get; }

    /// <summary>What was true when it was opened, of this very file.</summary>
    public FileStat Stat { get; }

    /// <summary>Bytes that it had when it was opened; it may have been cut or have grown since.</summary>
    public long Length => Stat.Length;

    /// <summary>When its content had been changed last; see <see cref="FileStat"/>.</summary>
    public DateTimeOffset LastWriteTime => Stat.LastWriteTime;

    /// <summary>Closes the file; a send that is under way holds it until it has ended.</summary>
    public void Dispose() => Handle.Dispose();
}
