using System.Text;
using Gyre.Http.Fuzz.Engine;
using Gyre.Http.Fuzz.References;
using Gyre.Http.Routing;

namespace Gyre.Http.Fuzz.Targets;

/// <summary>Paths: what a file server or a router is handed.</summary>
internal sealed class PathTarget : FuzzTarget
{
    internal static readonly string[] PathWords =
    [
        "/", "//", "/.", "/..", "/../", "%2e", "%2E%2e", "%2f", "%5c", "\\", "%00", "%7f", "%", "%%", "%2", "%c3%a9", "%c0%ae", "%ed%a0%80",
        "%f0%9f%98%80", "%252e",
        "a", "..a", "...", ";", "?", "~", "+", "%20",
    ];

    private readonly RequestPath _path = new();

    internal override string Name => "path";

    internal override IReadOnlyList<string> Seeds => ["/", "/a/b.txt", "/a%20b/", "/%C3%A9/%2F", "//a//", "/a/%2e%2e/b", "/a/..;/b"];

    internal override IReadOnlyList<string> Words => PathWords;

    internal override void Run(ReadOnlySpan<byte> input)
    {
        byte[] raw = Visible(input);
        PathFault fault = _path.Parse(raw);
        List<byte[]>? expected = PathReference.Decode(raw, out PathFault expectedFault);
        Verify.Same(expectedFault, fault, "a path is judged otherwise than by the reference");
        if (expected is null)
        {
            return;
        }

        Verify.Same(expected.Count, _path.Count, "a path has another number of segments");
        List<byte> joined = [];
        for (int i = 0; i < expected.Count; i++)
        {
            Verify.SameBytes(expected[i], _path[i], "a segment is decoded otherwise");
            Verify.Same(joined.Count + 1, _path.StartOf(i), "a segment starts elsewhere");
            joined.AddRange([(byte)'/', .. expected[i]]);
        }

        foreach (int first in (int[])[0, 1, expected.Count / 2, expected.Count - 1])
        {
            Verify.Same(Slashes(expected, first), _path.HasEscapedSlash(first), "an escaped slash is missed");
            Verify.Same(Empties(expected, first), _path.HasEmptySegment(first), "an empty segment is missed");
        }

        Verify.SameBytes([.. joined], _path.Decoded, "the decoded path isn't its segments");
        Verify.That(!_path.Decoded.ContainsAny((byte)0, (byte)'\r', (byte)'\n'), "a decoded path holds a control byte");
        string text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(_path.Decoded);
        Verify.That(!text.Split('/').Any((string part) => part is ".." or ".") || Slashes(expected, 0), "a decoded path has a dot segment");
        _path.ShrinkIfLarge();
    }

    /// <summary>What a request's path may hold; whatever else comes is made into it.</summary>
    internal static byte[] Visible(ReadOnlySpan<byte> input)
    {
        byte[] raw = [(byte)'/', .. input.StartsWith("/"u8) ? input[1..] : input];
        for (int i = 0; i < raw.Length; i++)
        {
            raw[i] = raw[i] is > 0x20 and < 0x7F and not (byte)'#' and not (byte)'?' ? raw[i] : (byte)('a' + (raw[i] % 26));
        }

        return raw;
    }

    private static bool Slashes(List<byte[]> segments, int first) =>
        segments.Skip(first).Any(segment => segment.AsSpan().IndexOfAny((byte)'/', (byte)'\\') >= 0);

    private static bool Empties(List<byte[]> segments, int first) => segments.SkipLast(1).Skip(first).Any(segment => segment.Length == 0);
}
