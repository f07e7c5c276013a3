using System.Text;
using System.Text.RegularExpressions;
using Gyre.Http.Fields;
using Gyre.Http.Fuzz.Engine;
using Gyre.Http.Fuzz.References;
using Gyre.Http.Protocol;

namespace Gyre.Http.Fuzz.Targets;

/// <summary>Entity tags, lists of them, and preconditions; the input is the lines, its first byte chooses method and file.</summary>
internal sealed partial class PreconditionsTarget : FuzzTarget
{
    private static readonly RequestMethod[] s_methods = [RequestMethod.Get, RequestMethod.Head, RequestMethod.Put, RequestMethod.Delete, RequestMethod.Options];
    private static readonly DateTimeOffset s_now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset s_modified = new(1994, 11, 6, 8, 49, 37, 500, TimeSpan.Zero);

    private readonly HeaderLines _lines = new();

    internal override string Name => "preconditions";

    internal override IReadOnlyList<string> Seeds =>
    [
        "\0If-None-Match: \"a\"\r\n", "\0If-None-Match: W/\"b\", \"a\"\r\nIf-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n", "\u0002If-Match: *\r\n",
        "\u0002If-Match: \"x\" , ,W/\"a\"\r\n", "\0Range: bytes=0-1\r\nIf-Range: \"a\"\r\n",
        "\0Range: bytes=0-1\r\nIf-Range: Sun, 06 Nov 1994 08:49:37 GMT\r\n",
        "\u0007If-Unmodified-Since: Sun, 06 Nov 1994 08:49:36 GMT\r\n", "\u0005If-None-Match: *\r\n", "\0If-None-Match: \"a\"\r\nif-none-match: \"a,b\"\r\n",
    ];

    internal override IReadOnlyList<string> Words =>
    [
        "If-Match: ", "If-None-Match: ", "If-Modified-Since: ", "If-Unmodified-Since: ", "If-Range: ", "Range: bytes=0-1\r\n", "\r\n", "*", "\"a\"",
        "W/\"a\"", "\"\"", "w/\"a\"", ", ", ",",
        "Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:36 GMT", "\"a,b\"", "\\", "\u0080",
    ];

    internal override void Run(ReadOnlySpan<byte> input)
    {
        int choice = input.IsEmpty ? 0 : input[0];
        if (!_lines.TryRead(input.IsEmpty ? input : input[1..]))
        {
            return;
        }

        RequestMethod method = s_methods[choice % s_methods.Length];
        bool exists = choice / s_methods.Length % 2 == 0;
        EntityTag.TryParse("\"a\""u8, out EntityTag tag);
        Validators current = new() { Exists = exists, Tag = exists ? tag : default, LastModified = exists ? s_modified : null };
        PreconditionResult result = Preconditions.Evaluate(_lines.Section, method, current, s_now);
        bool isSafe = method is RequestMethod.Get or RequestMethod.Head;
        Verify.That(result.Outcome != PreconditionOutcome.NotModified || isSafe, "a method that changes is answered 304");
        bool mayBePart = method == RequestMethod.Get && result.Outcome == PreconditionOutcome.Proceed && exists;
        Verify.That(!result.RangeApplies || mayBePart, "a range applies where none does");
        if (method != RequestMethod.Options)
        {
            Verify.Same(Reference(isSafe, exists), result.Outcome, "preconditions are judged otherwise than by the reference");
        }
    }

    // RFC 9110 section 13.2.2, with the house's answers to lists that can't be read.
    private PreconditionOutcome Reference(bool isSafe, bool exists)
    {
        List<string> match = Values("If-Match");
        DateTimeOffset seconds = HttpDate.TruncateToSecond(s_modified);
        bool isFailed = match.Count > 0
            ? !(exists && Tags(match) is { } tags && (tags is ["*"] || tags.Contains("\"a\"")))
            : Date("If-Unmodified-Since") is { } unmodified && exists && seconds > unmodified;
        if (isFailed)
        {
            return PreconditionOutcome.PreconditionFailed;
        }

        List<string> noneMatch = Values("If-None-Match");
        bool isStopped = noneMatch.Count > 0
            ? Tags(noneMatch) is not { } nones ? !isSafe : exists && (nones is ["*"] || nones.Any(tag => tag is "\"a\"" or "W/\"a\""))
            : isSafe && Date("If-Modified-Since") is { } since && exists && seconds <= since;
        return !isStopped ? PreconditionOutcome.Proceed : isSafe ? PreconditionOutcome.NotModified : PreconditionOutcome.PreconditionFailed;
    }

    private List<string> Values(string name)
    {
        List<string> values = [];
        foreach (FieldLine line in _lines.Section)
        {
            if (Encoding.ASCII.GetString(line.Name).Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                values.Add(Encoding.Latin1.GetString(line.Value));
            }
        }

        return values;
    }

    private DateTimeOffset? Date(string name) =>
        Values(name) is [string only] && HttpDate.TryParse(Encoding.Latin1.GetBytes(only), s_now, out DateTimeOffset date) ? date : null;

    // Each line must be a list by itself: a quote can't be open across lines.
    private static List<string>? Tags(List<string> lines)
    {
        if (lines is ["*"])
        {
            return lines;
        }

        List<string> tags = [];
        foreach (string line in lines)
        {
            Match match = List().Match(line);
            if (!match.Success || match.Groups["tag"].Captures.Count == 0)
            {
                return null;
            }

            tags.AddRange(match.Groups["tag"].Captures.Select(capture => capture.Value));
        }

        return tags;
    }

    [GeneratedRegex("""\A[ \t,]*((?<tag>(W/)?"[!#-~\u0080-\u00ff]*")[ \t]*(,[ \t,]*|\z))*\z""")]
    private static partial Regex List();
}
