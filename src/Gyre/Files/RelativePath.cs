using System.Buffers;
using System.Text.Unicode;
using Gyre.Interop.Linux;

namespace Gyre.Files;

/// <summary>The rules for paths beneath a root, before any file system is asked.</summary>
internal static class RelativePath
{
    /// <summary>Linux's NAME_MAX; other systems have about as much, in other units.</summary>
    private const int SegmentBytesMax = 255;

    private static readonly SearchValues<byte> s_impossibleOnWindows = SearchValues.Create(
        [.. Enumerable.Range(1, 31).Select(static code => (byte)code), .. "\\:*?\"<>|"u8]);

    private static readonly SearchValues<string> s_devicesOnWindows = SearchValues.Create(
        ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"], StringComparison.OrdinalIgnoreCase);

    /// <summary>What is wrong with a path; null when the file system may be asked. The empty path is the root itself.</summary>
    public static FileOutcome? Check(ReadOnlySpan<byte> path)
    {
        if (path.IsEmpty)
        {
            return null;
        }

        if (path.Contains((byte)0) || !Utf8.IsValid(path))
        {
            return FileOutcome.Invalid;
        }

        bool isTooLong = path.Length >= Beneath.PathBytesMax;
        foreach (Range range in path.Split((byte)'/'))
        {
            ReadOnlySpan<byte> segment = path[range];
            if (segment.IsEmpty || segment.SequenceEqual("."u8) || segment.SequenceEqual(".."u8) ||
                (OperatingSystem.IsWindows() && IsImpossibleOnWindows(segment)))
            {
                return FileOutcome.Invalid;
            }

            isTooLong |= segment.Length > SegmentBytesMax;
        }

        return isTooLong ? FileOutcome.TooLong : null;
    }

    /// <summary>Names that Windows reads as something else: a stream of a file, a device, or another name without its end.</summary>
    internal static bool IsImpossibleOnWindows(ReadOnlySpan<byte> segment)
    {
        if (segment.ContainsAny(s_impossibleOnWindows) || segment[^1] is (byte)'.' or (byte)' ')
        {
            return true;
        }

        int dot = segment.IndexOf((byte)'.');
        string stem = System.Text.Encoding.UTF8.GetString(dot < 0 ? segment : segment[..dot]).TrimEnd(' ');
        bool isNumbered = stem.Length == 4 &&
            (stem.StartsWith("COM", StringComparison.OrdinalIgnoreCase) || stem.StartsWith("LPT", StringComparison.OrdinalIgnoreCase)) &&
            (char.IsAsciiDigit(stem[3]) || stem[3] is '¹' or '²' or '³');
        return isNumbered || s_devicesOnWindows.Contains(stem);
    }
}
