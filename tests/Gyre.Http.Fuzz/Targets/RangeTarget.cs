using System.Numerics;
using System.Text;
using Gyre.Http.Fuzz.Engine;
using Gyre.Http.Fields;

namespace Gyre.Http.Fuzz.Targets;

/// <summary>The <c>Range</c> header. The first byte of an input chooses the length of the file.</summary>
internal sealed class RangeTarget : FuzzTarget
{
    private static readonly long[] s_lengths = [0, 1, 2, 10, 100, 1000, int.MaxValue, long.MaxValue];

    internal override string Name => "range";

    internal override IReadOnlyList<string> Seeds =>
    [
        "\u0004bytes=0-9", "\u0003bytes=-5,0-0", "\u0005bytes=1-2, 5-, -1", "\0bytes=-0", "\u0007bytes=9223372036854775806-", "\u0004Bytes=5-4",
        "\u0004items=0-1",
    ];

    internal override IReadOnlyList<string> Words =>
        ["bytes=", "BYTES=", "-", ",", ", ", "0-", "-1", "0-0", "1-1", "2-3", "5-9", "99-", "99999999999999999999", "00", "\t", "9223372036854775807"];

    internal override int LengthMax => 512;

    internal override void Run(ReadOnlySpan<byte> input)
    {
        long length = s_lengths[input.IsEmpty ? 0 : input[0] % s_lengths.Length];
        ReadOnlySpan<byte> value = input.IsEmpty ? input : input[1..];
        Span<ByteRange> parts = stackalloc ByteRange[RangeHeader.PartsMaxDefault];
        RangeOutcome outcome = RangeHeader.Read(value, length, parts, out int count);
        Verify.Same(outcome == RangeOutcome.Parts, count > 0, "the outcome and the count of parts disagree");
        parts = parts[..count];
        JudgeParts(parts, length);
        List<(BigInteger First, BigInteger Last)>? expected = Reference(Encoding.Latin1.GetString(value), length, out bool isEndAsked);
        RangeOutcome right = expected is null ? RangeOutcome.Whole
            : expected.Count > 0 ? RangeOutcome.Parts
            : length == 0 && isEndAsked ? RangeOutcome.Whole : RangeOutcome.Unsatisfiable;
        Verify.Same(right, outcome, "a range is judged otherwise than by the reference");
        if (outcome == RangeOutcome.Parts)
        {
            JudgeUnion(parts, expected!);
            JudgeText(parts[0], length);
        }
    }

    private static void JudgeParts(ReadOnlySpan<ByteRange> parts, long length)
    {
        BigInteger total = 0;
        for (int i = 0; i < parts.Length; i++)
        {
            ByteRange part = parts[i];
            Verify.That(part.Start >= 0 && part.Length > 0 && part.End <= length && part.End > part.Start, "a part lies outside the file");
            total += part.Length;
            for (int j = 0; j < i; j++)
            {
                Verify.That(parts[j].End < part.Start || part.End < parts[j].Start, "two parts overlap or touch");
            }
        }

        Verify.That(total <= length, "the parts together are longer than the file");
    }

    // Each part asked for lies in one that is sent, and the parts sent have their ends where one asked for has.
    private static void JudgeUnion(ReadOnlySpan<ByteRange> parts, List<(BigInteger First, BigInteger Last)> expected)
    {
        foreach ((BigInteger first, BigInteger last) in expected)
        {
            bool isSent = false;
            foreach (ByteRange part in parts)
            {
                isSent |= part.Start <= first && last < part.End;
            }

            Verify.That(isSent, "a part that was asked for isn't sent");
        }

        foreach (ByteRange part in parts)
        {
            Verify.That(
                expected.Exists(asked => asked.First == part.Start) && expected.Exists(asked => asked.Last + 1 == part.End),
                "a part is sent that wasn't asked for");
        }

        ByteRange start = parts[0];
        Verify.That(expected[0].First >= start.Start && expected[0].First < start.End, "the first part isn't the one asked for first");
    }

    private static void JudgeText(ByteRange part, long length)
    {
        Span<byte> text = stackalloc byte[RangeHeader.ContentRangeBytesMax];
        int written = RangeHeader.WriteContentRange(part, length, text);
        Verify.Same($"bytes {part.Start}-{part.End - 1}/{length}", Encoding.ASCII.GetString(text[..written]), "Content-Range says something else");
    }

    private static List<(BigInteger First, BigInteger Last)>? Reference(string value, long length, out bool isEndAsked)
    {
        isEndAsked = false;
        if (!value.StartsWith("bytes=", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        string[] specs = [.. value[6..].Split(',').Select(spec => spec.Trim(' ', '\t')).Where(spec => spec.Length > 0)];
        List<(BigInteger, BigInteger)> parts = [];
        foreach (string spec in specs)
        {
            string[] ends = spec.Split('-');
            if (ends.Length != 2 || !ends.All(end => end.All(char.IsAsciiDigit)) || (ends[0].Length == 0 && ends[1].Length == 0))
            {
                return null;
            }

            BigInteger last = ends[1].Length == 0 ? length : BigInteger.Parse(ends[1], System.Globalization.CultureInfo.InvariantCulture);
            if (ends[0].Length == 0)
            {
                isEndAsked |= last > 0;
                Add(parts, BigInteger.Max(length - last, 0), length - 1);
                continue;
            }

            BigInteger first = BigInteger.Parse(ends[0], System.Globalization.CultureInfo.InvariantCulture);
            if (ends[1].Length > 0 && first > last)
            {
                return null;
            }

            Add(parts, first, BigInteger.Min(last, length - 1));
        }

        return specs.Length is 0 or > RangeHeader.PartsMaxDefault ? null : parts;
    }

    private static void Add(List<(BigInteger First, BigInteger Last)> parts, BigInteger first, BigInteger last)
    {
        if (first <= last)
        {
            parts.Add((first, last));
        }
    }
}
