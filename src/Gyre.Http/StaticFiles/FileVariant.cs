using System.Diagnostics;
using System.Text;
using Gyre.Files;
using Gyre.Http.Fields;

namespace Gyre.Http.StaticFiles;

/// <summary>One representation of a file: itself, or a precompressed sibling. Its headers are made once.</summary>
[DebuggerDisplay("{System.Text.Encoding.UTF8.GetString(Path),nq}, {Stat.Length} bytes, kept = {Content != null}")]
internal sealed class FileVariant
{
    /// <summary>
    /// A file that changed less than this ago may change again without its time telling so: file systems keep two seconds (FAT) at the
    /// worst. Until then its content isn't kept.
    /// </summary>
    private static readonly TimeSpan s_timeUntilSettled = TimeSpan.FromSeconds(2);

    private readonly byte[] _tag;
    private readonly byte[] _lastModified;
    private bool _wasUsed;

    /// <param name="path">What is opened.</param>
    /// <param name="stat">What it is.</param>
    /// <param name="coding">How the sibling is coded.</param>
    /// <param name="now">The present: a date that is still to come isn't sent (RFC 9110 section 8.8.2.1).</param>
    public FileVariant(byte[] path, FileStat stat, ContentCoding coding, DateTimeOffset now)
    {
        Path = path;
        Stat = stat;
        Coding = coding;
        ReadOnlySpan<byte> suffix = AcceptEncoding.Name(coding);
        Span<byte> tag = stackalloc byte[EntityTag.WrittenBytesMax + 1 + suffix.Length];
        _tag = tag[..EntityTag.Write(stat.Length, stat.LastWriteTime.UtcTicks, stat.Identity, suffix, tag)].ToArray();
        _lastModified = stat.LastWriteTime <= now ? Encoding.ASCII.GetBytes(stat.LastWriteTime.ToUniversalTime().ToString("R")) : [];
        Content = stat.Length == 0 ? [] : null;
    }

    public byte[] Path { get; }

    public FileStat Stat { get; }

    public ContentCoding Coding { get; }

    /// <summary>The whole content, when it is kept.</summary>
    public byte[]? Content { get; private set; }

    public ReadOnlySpan<byte> Tag => _tag;

    /// <summary>An HTTP date, or empty when the file's is still to come.</summary>
    public ReadOnlySpan<byte> LastModified => _lastModified;

    /// <summary>Whether to keep the content now that it was sent: not before the second time, or a crawler would fill the cache.</summary>
    public bool IsWorthKeeping(DateTimeOffset now)
    {
        bool isSecond = _wasUsed;
        _wasUsed = true;
        return isSecond && Content is null && now - Stat.LastWriteTime >= s_timeUntilSettled;
    }

    public void Keep(byte[] content) => Content = content;
}
