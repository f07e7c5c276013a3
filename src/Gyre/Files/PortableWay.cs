using System.Formats.Tar;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Gyre.Files;

/// <summary>The way by the BCL alone: segments and links are walked one by one, and the result is opened by its path.</summary>
/// <remarks>
/// What is beneath the root when it is looked at is what is opened, unless somebody who may write there exchanges it in between; where
/// strangers can, the other way is needed.
/// </remarks>
internal sealed class PortableWay(string root, bool outsideToo) : FileWay
{
    /// <summary>Links of one walk; Linux's own limit, behind which it takes them for a circle.</summary>
    private const int LinksMax = 40;

    /// <summary>Where a tar header holds the kind of file, and the letter for a regular one.</summary>
    private const int TarKindOffset = 156;
    private const byte TarRegular = (byte)'0';

    /// <summary>An archive of one empty file: its header, and two blocks of nothing at the end.</summary>
    private const int TarBytes = 3 * 512;

    public override FileOutcome TryOpen(ReadOnlySpan<byte> path, out FileEntry? entry)
    {
        entry = null;
        try
        {
            FileOutcome outcome = Find(path, out FileSystemInfo found);
            if (outcome == FileOutcome.File)
            {
                SafeFileHandle handle = File.OpenHandle(
                    found.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                entry = new FileEntry(
                    handle, new FileStat(false, RandomAccess.GetLength(handle), File.GetLastWriteTimeUtc(handle), Identity: 0));
            }

            return outcome;
        }
        catch (Exception refusal) when (OutcomeOf(refusal) is { } outcome)
        {
            return outcome;
        }
    }

    public override FileOutcome TryStat(ReadOnlySpan<byte> path, out FileStat stat)
    {
        stat = default;
        try
        {
            FileOutcome outcome = Find(path, out FileSystemInfo found);
            if (outcome is FileOutcome.File or FileOutcome.Directory)
            {
                bool isDirectory = outcome == FileOutcome.Directory;
                stat = new FileStat(isDirectory, isDirectory ? 0 : ((FileInfo)found).Length, found.LastWriteTimeUtc, Identity: 0);
            }

            return outcome;
        }
        catch (Exception refusal) when (OutcomeOf(refusal) is { } outcome)
        {
            return outcome;
        }
    }

    public override FileOutcome TryReadNames(ReadOnlySpan<byte> path, int countMax, List<string> names, out bool isCut)
    {
        isCut = false;
        try
        {
            FileOutcome outcome = Find(path, out FileSystemInfo found);
            if (outcome != FileOutcome.Directory)
            {
                return outcome;
            }

            foreach (string name in Directory.EnumerateFileSystemEntries(found.FullName).Select(Path.GetFileName).OfType<string>())
            {
                if (names.Count == countMax)
                {
                    isCut = true;
                    break;
                }

                names.Add(name);
            }

            return outcome;
        }
        catch (Exception refusal) when (OutcomeOf(refusal) is { } outcome)
        {
            return outcome;
        }
    }

    public override void Dispose()
    {
    }

    /// <summary>Follows the path; <paramref name="found"/> is no link, and says what it is when the outcome is a file or a directory.</summary>
    private FileOutcome Find(ReadOnlySpan<byte> path, out FileSystemInfo found)
    {
        string text = Encoding.UTF8.GetString(path);
        FileOutcome? trouble = null;
        string full = outsideToo ? Path.Combine(root, text) : Walk(text, out trouble);
        found = new FileInfo(full);
        if (trouble is { } known)
        {
            return known;
        }

        if (outsideToo && found.ResolveLinkTarget(returnFinalTarget: true) is { } target)
        {
            found = new FileInfo(target.FullName);
        }

        if (Directory.Exists(found.FullName))
        {
            found = new DirectoryInfo(found.FullName);
            return FileOutcome.Directory;
        }

        return found.Exists ? KindOf((FileInfo)found) : FileOutcome.NotFound;
    }

    /// <summary>The path without links, beneath the root.</summary>
    private string Walk(string path, out FileOutcome? trouble)
    {
        var done = new List<string>();
        var left = new Stack<string>(path.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse());
        int links = 0;
        trouble = null;
        while (trouble is null && left.TryPop(out string? segment))
        {
            if (segment == "..")
            {
                trouble = done.Count == 0 ? FileOutcome.Forbidden : null;
                done.RemoveRange(Math.Max(done.Count - 1, 0), Math.Min(done.Count, 1));
            }
            else if (segment != ".")
            {
                done.Add(segment);
                trouble = FollowLink(done, left, ref links);
            }
        }

        return Path.Combine([root, .. done]);
    }

    /// <summary>Puts what a link leads to in the place of the link.</summary>
    private FileOutcome? FollowLink(List<string> done, Stack<string> left, ref int links)
    {
        var entry = new FileInfo(Path.Combine([root, .. done]));
        if (entry.LinkTarget is not { } target)
        {
            bool isReparsePoint = entry.Exists && entry.Attributes.HasFlag(FileAttributes.ReparsePoint);
            return isReparsePoint ? FileOutcome.Forbidden : null;
        }

        if (++links > LinksMax)
        {
            return FileOutcome.NotFound;
        }

        if (Path.IsPathRooted(target))
        {
            return FileOutcome.Forbidden;
        }

        done.RemoveAt(done.Count - 1);
        foreach (string segment in target.Split(['/', Path.DirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries).Reverse())
        {
            left.Push(segment);
        }

        return null;
    }

    /// <summary>
    /// Pipes, sockets and devices have no length, so only what is empty is asked. The BCL tells what they are nowhere but in its writer of
    /// tar archives, and opening one to find out could block for ever.
    /// </summary>
    private static FileOutcome KindOf(FileInfo file)
    {
        if (file.Attributes.HasFlag(FileAttributes.Device))
        {
            return FileOutcome.Forbidden;
        }

        if (file.Length > 0 || OperatingSystem.IsWindows())
        {
            return FileOutcome.File;
        }

        byte[] header = new byte[TarBytes];
        try
        {
            using var archive = new MemoryStream(header);
            using var writer = new TarWriter(archive, TarEntryFormat.Ustar, leaveOpen: true);
            writer.WriteEntry(file.FullName, "x");
        }
        catch (NotSupportedException)
        {
            // Not empty any more. There is no room for what is in it, which nobody asked for.
        }
        catch (IOException)
        {
            // A socket, which an archive can't hold.
            return FileOutcome.Forbidden;
        }

        return header[TarKindOffset] == TarRegular ? FileOutcome.File : FileOutcome.Forbidden;
    }

    private static FileOutcome? OutcomeOf(Exception refusal) => refusal switch
    {
        FileNotFoundException or DirectoryNotFoundException => FileOutcome.NotFound,
        PathTooLongException => FileOutcome.TooLong,
        UnauthorizedAccessException => FileOutcome.Forbidden,
        _ => null,
    };
}
