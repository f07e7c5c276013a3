using System.Diagnostics;
using System.Text;
using Gyre.Interop.Linux;

namespace Gyre.Files;

/// <summary>A directory beneath which files are opened, and never outside it. Any thread.</summary>
/// <remarks>
/// Paths are relative, with slashes, and exact: <c>a/b.txt</c>; the empty path is the root itself. They are names and not URLs: nothing
/// is decoded here. A link is followed as long as it stays beneath the root, and an absolute one never does; see
/// <see cref="FileRootOptions.FollowSymlinksOutside"/>. Only regular files are opened: no device, no pipe, no socket.
/// <para>
/// On Linux the kernel itself holds the walk beneath the root (openat2, kernel 5.6), whichever driver the loop has. On other systems, and
/// where a sandbox forbids that, links are checked one by one: somebody who may write beneath the root could exchange a file between check
/// and open, for a link that leads outside, or for a pipe, whose opening blocks the thread (<see cref="IsSafeAgainstWriters"/>).
/// </para>
/// <para>
/// Nothing here is a checkpoint. Names are looked up on the calling thread: microseconds when the kernel has them cached, as it has
/// those of any file that was opened lately, else as long as the disk takes; use <see cref="Offload"/> where that matters, as on a
/// network's file system.
/// </para>
/// </remarks>
[DebuggerDisplay("{ToString(),nq}")]
public sealed class FileRoot : IDisposable
{
    /// <summary>UTF-8 of one UTF-16 unit, at most.</summary>
    private const int BytesPerCharMax = 3;

    /// <summary>Characters of a path that are encoded on the stack.</summary>
    private const int StackCharsMax = 256;

    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly FileWay _way;

    private FileRoot(string path, FileWay way)
    {
        Path = path;
        _way = way;
    }

    /// <summary>The root's full path. A root that is renamed is still the same one on Linux, and another elsewhere.</summary>
    public string Path { get; }

    /// <summary>Whether it holds even while somebody exchanges files, directories and links beneath the root.</summary>
    public bool IsSafeAgainstWriters => _way is NativeWay;

    /// <summary>Opens the directory at <paramref name="path"/>.</summary>
    /// <exception cref="IOException">It doesn't exist, is no directory, or may not be opened; the message says which.</exception>
    /// <exception cref="ArgumentException">The path is empty or holds a zero character.</exception>
    public static FileRoot Open(string path, FileRootOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new FileRootOptions();
        string full = System.IO.Path.GetFullPath(path);
        if (!Directory.Exists(full))
        {
            throw new DirectoryNotFoundException(
                $"The root '{full}' is no directory{(File.Exists(full) ? ", but a file" : " that exists")}; name one that can be read.");
        }

        bool callsSystem = options.CallsSystem ?? NativeCalls.Refusal() is null;
        FileWay? native = callsSystem ? NativeWay.TryCreate(full, options.FollowSymlinksOutside) : null;
        return new FileRoot(full, native ?? new PortableWay(full, options.FollowSymlinksOutside));
    }

    /// <summary>Opens a file for reading. Not a checkpoint; any thread.</summary>
    /// <param name="relativePath">Relative to the root, see the type's remarks.</param>
    /// <param name="entry">The open file, to be disposed; null unless <see cref="FileOutcome.File"/> is returned.</param>
    /// <exception cref="IOException">The system failed: no descriptor is free, or the disk is broken.</exception>
    /// <exception cref="ObjectDisposedException">The root was disposed.</exception>
    public FileOutcome TryOpen(string relativePath, out FileEntry? entry)
    {
        entry = null;
        Span<byte> room = stackalloc byte[StackCharsMax * BytesPerCharMax];
        return Encode(relativePath, room, out ReadOnlySpan<byte> path) ?? TryOpen(path, out entry);
    }

    /// <param name="relativePath">The same in UTF-8.</param>
    /// <param name="entry">The open file, to be disposed; null unless <see cref="FileOutcome.File"/> is returned.</param>
    /// <inheritdoc cref="TryOpen(string, out FileEntry?)"/>
    public FileOutcome TryOpen(ReadOnlySpan<byte> relativePath, out FileEntry? entry)
    {
        entry = null;
        return RelativePath.Check(relativePath) ?? _way.TryOpen(relativePath, out entry);
    }

    /// <summary>Tells what is there without opening it, for whoever has a copy of it. Not a checkpoint; any thread.</summary>
    /// <param name="relativePath">Relative to the root, see the type's remarks.</param>
    /// <param name="stat">What it is; empty unless a file or a directory was found.</param>
    /// <inheritdoc cref="TryOpen(string, out FileEntry?)" path="/exception"/>
    public FileOutcome TryStat(string relativePath, out FileStat stat)
    {
        stat = default;
        Span<byte> room = stackalloc byte[StackCharsMax * BytesPerCharMax];
        return Encode(relativePath, room, out ReadOnlySpan<byte> path) ?? TryStat(path, out stat);
    }

    /// <param name="relativePath">The same in UTF-8.</param>
    /// <param name="stat">What it is; empty unless a file or a directory was found.</param>
    /// <inheritdoc cref="TryStat(string, out FileStat)"/>
    public FileOutcome TryStat(ReadOnlySpan<byte> relativePath, out FileStat stat)
    {
        stat = default;
        return RelativePath.Check(relativePath) ?? _way.TryStat(relativePath, out stat);
    }

    /// <summary>
    /// Lists a directory: what <see cref="TryOpen(string, out FileEntry?)"/> would open, and directories,
    /// readable or not. What is forbidden otherwise isn't named. Looks at each
    /// name on the calling thread, some microseconds apiece. Not a checkpoint; any thread.
    /// </summary>
    /// <param name="relativePath">Relative to the root, see the type's remarks.</param>
    /// <param name="countMax">How many names are looked at, from 1.</param>
    /// <param name="listing">What is there; null unless <see cref="FileOutcome.Directory"/> is returned.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="countMax"/> is below 1.</exception>
    /// <inheritdoc cref="TryOpen(string, out FileEntry?)" path="/exception"/>
    public FileOutcome TryList(string relativePath, int countMax, out DirectoryListing? listing)
    {
        listing = null;
        ArgumentOutOfRangeException.ThrowIfLessThan(countMax, 1);
        Span<byte> room = stackalloc byte[StackCharsMax * BytesPerCharMax];
        if ((Encode(relativePath, room, out ReadOnlySpan<byte> path) ?? RelativePath.Check(path)) is { } refused)
        {
            return refused;
        }

        var names = new List<string>();
        FileOutcome outcome = _way.TryReadNames(path, countMax, names, out bool isCut);
        if (outcome == FileOutcome.Directory)
        {
            listing = new DirectoryListing(LookAtAll(relativePath, names), isCut);
        }

        return outcome;
    }

    /// <summary>Lets go of the root. Files that were opened stay open.</summary>
    public void Dispose() => _way.Dispose();

    /// <inheritdoc/>
    public override string ToString() => $"FileRoot '{Path}'";

    private List<DirectoryItem> LookAtAll(string directory, List<string> names)
    {
        names.Sort(StringComparer.Ordinal);
        string prefix = directory.Length == 0 ? "" : directory + "/";
        var items = new List<DirectoryItem>(names.Count);
        foreach (string name in names)
        {
            if (TryStat(prefix + name, out FileStat stat) is FileOutcome.File or FileOutcome.Directory)
            {
                items.Add(new DirectoryItem(name, stat));
            }
        }

        return items;
    }

    private static FileOutcome? Encode(string path, Span<byte> room, out ReadOnlySpan<byte> encoded)
    {
        ArgumentNullException.ThrowIfNull(path);
        encoded = default;
        try
        {
            if (path.Length > StackCharsMax)
            {
                encoded = s_strict.GetBytes(path);
            }
            else
            {
                encoded = room[..s_strict.GetBytes(path, room)];
            }

            return null;
        }
        catch (EncoderFallbackException)
        {
            // Half of a surrogate pair, which no name can hold.
            return FileOutcome.Invalid;
        }
    }
}
