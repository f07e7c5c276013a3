using System.Text;
using Gyre.Files;
using Gyre.Http.Fields;

namespace Gyre.Http.StaticFiles;

/// <summary>Looks up what a path leads to. Calls the system, and nothing else; any thread.</summary>
internal sealed class FileFinder(FileRoot root, StaticFileOptions options)
{
    /// <summary>In this order of preference, for clients that like them alike: from the densest to the one that everybody knows.</summary>
    private static readonly (ContentCoding Coding, byte[] Extension)[] s_siblings =
    [
        (ContentCoding.Brotli, ".br"u8.ToArray()), (ContentCoding.Zstandard, ".zst"u8.ToArray()), (ContentCoding.Gzip, ".gz"u8.ToArray()),
    ];

    private readonly byte[][] _indexFiles = [.. options.IndexFiles.Select(Encoding.UTF8.GetBytes)];
    private readonly byte[]? _cacheControl = options.CacheControl is null ? null : Encoding.ASCII.GetBytes(options.CacheControl);

    /// <summary>Looks a path up.</summary>
    /// <param name="path">What follows the prefix and its slash, decoded; ends in a slash when the request's does, unless it is empty.</param>
    /// <param name="isSlashForm">Whether the request's path ends in a slash.</param>
    /// <param name="old">What was known; representations that haven't changed are taken from it.</param>
    /// <param name="now">The present.</param>
    public (FoundKind Kind, FileRecord? Record) Find(ReadOnlySpan<byte> path, bool isSlashForm, FileRecord? old, DateTimeOffset now)
    {
        ReadOnlySpan<byte> name = isSlashForm && !path.IsEmpty ? path[..^1] : path;
        if (!options.ServesHiddenFiles && IsHidden(name))
        {
            return default;
        }

        switch (root.TryStat(name, out FileStat stat))
        {
            case FileOutcome.File when !isSlashForm:
                return (FoundKind.File, MakeRecord(path, name, stat, old, now));
            case FileOutcome.Directory:
                return FindInDirectory(path, name, isSlashForm, old, now);
            default:
                return default;
        }
    }

    /// <summary>The file of a path, and nothing else; null when there is none that is given out.</summary>
    public FileRecord? FindFile(ReadOnlySpan<byte> path, DateTimeOffset now) => Find(path, isSlashForm: false, null, now).Record;

    private (FoundKind Kind, FileRecord? Record) FindInDirectory(
        ReadOnlySpan<byte> path, ReadOnlySpan<byte> name, bool isSlashForm, FileRecord? old, DateTimeOffset now)
    {
        foreach (byte[] index in _indexFiles)
        {
            byte[] within = name.IsEmpty ? index : [.. name, (byte)'/', .. index];
            if ((options.ServesHiddenFiles || !IsHidden(index)) && root.TryStat(within, out FileStat stat) == FileOutcome.File)
            {
                return isSlashForm ? (FoundKind.File, MakeRecord(path, within, stat, old, now)) : (FoundKind.Redirect, null);
            }
        }

        return options.ListsDirectories ? (isSlashForm ? FoundKind.Listing : FoundKind.Redirect, null) : default;
    }

    private FileRecord MakeRecord(ReadOnlySpan<byte> key, ReadOnlySpan<byte> path, FileStat stat, FileRecord? old, DateTimeOffset now)
    {
        string text = Encoding.UTF8.GetString(path);
        MediaType type = options.MediaTypes.Find(text);
        string? chosen = StaticFileOptions.CheckedHeader(options.ChooseCacheControl?.Invoke(text), nameof(options.ChooseCacheControl));
        FileVariant identity = Reuse(old?.Identity, path, stat) ?? new FileVariant(path.ToArray(), stat, ContentCoding.Identity, now);
        return new FileRecord(
            key.ToArray(),
            identity,
            options.ServesPrecompressed && type.IsCompressible ? FindSiblings(path, stat, old, now) : [],
            Encoding.ASCII.GetBytes(type.ContentType),
            chosen is null ? _cacheControl : Encoding.ASCII.GetBytes(chosen));
    }

    private FileVariant[] FindSiblings(ReadOnlySpan<byte> path, FileStat original, FileRecord? old, DateTimeOffset now)
    {
        List<FileVariant>? found = null;
        foreach ((ContentCoding coding, byte[] extension) in s_siblings)
        {
            byte[] sibling = [.. path, .. extension];
            if (root.TryStat(sibling, out FileStat stat) == FileOutcome.File && Replaces(stat, original))
            {
                FileVariant? known = old is null ? null : Reuse(Among(old.Siblings, coding), sibling, stat);
                (found ??= []).Add(known ?? new FileVariant(sibling, stat, coding, now));
            }
        }

        return found is null ? [] : [.. found];
    }

    // Tools that copy the time of the original may drop its fraction.
    private static bool Replaces(FileStat sibling, FileStat original) =>
        sibling.Length < original.Length
        && HttpDate.TruncateToSecond(sibling.LastWriteTime) >= HttpDate.TruncateToSecond(original.LastWriteTime);

    private static FileVariant? Among(ReadOnlySpan<FileVariant> siblings, ContentCoding coding)
    {
        foreach (FileVariant sibling in siblings)
        {
            if (sibling.Coding == coding)
            {
                return sibling;
            }
        }

        return null;
    }

    private static FileVariant? Reuse(FileVariant? known, ReadOnlySpan<byte> path, FileStat stat) =>
        known is not null && known.Stat == stat && path.SequenceEqual(known.Path) && !known.LastModified.IsEmpty ? known : null;

    private static bool IsHidden(ReadOnlySpan<byte> path) => path.StartsWith("."u8) || path.IndexOf("/."u8) >= 0;
}
