using System.Numerics;
using System.Runtime.Intrinsics;
using static Gyre.Http.Protocol.ByteClasses;

namespace Gyre.Http.Protocol;

/// <summary>
/// Reads header and trailer lines, RFC 9112 section 5: <c>name ":" OWS value OWS CRLF</c>. A good line costs one or two
/// vectorised looks; whatever they don't find in the right place is looked at again, slowly, to name the fault.
/// </summary>
/// <remarks>
/// Only complete lines are judged, and limits come first, so that the verdict doesn't depend on how the input was split.
/// </remarks>
internal static class FieldLineParser
{
    /// <summary>Reads lines from a position on until the block ends, the text ends, or a line is bad.</summary>
    /// <param name="text">From the start of the store that the section refers to.</param>
    /// <param name="position">The start of a line; moved behind every line read.</param>
    /// <param name="limits">Which block this is, where it must have ended, and how many lines it may have.</param>
    /// <param name="section">Takes the lines.</param>
    /// <param name="fault">What is wrong, when something is.</param>
    internal static LineOutcome Parse(
        ReadOnlySpan<byte> text, ref int position, in BlockLimits limits, FieldSection section, out LineFault fault)
    {
        int at = position;
        while (TryFindParts(text, at, out int nameLength, out KnownHeader known, out int valueEnd))
        {
            int lineEnd = valueEnd + 2;
            if (lineEnd > limits.End || section.Count == limits.CountMax)
            {
                break;
            }

            AddTrimmed(text, section, known, at, nameLength, valueEnd);
            at = lineEnd;
        }

        if (at + 2 <= Math.Min(text.Length, limits.End) && text[at] == CarriageReturn && text[at + 1] == LineFeed)
        {
            position = at + 2;
            fault = default;
            return LineOutcome.BlockEnded;
        }

        position = at;
        return JudgeUnusual(text, at, limits, section.Count, out fault);
    }

    /// <summary>
    /// Finds the colon and the CR of a good line. One load of 32 bytes usually shows the colon, and all of a short line;
    /// near the end of the text the load begins before the line, and what it shows is shifted.
    /// </summary>
    private static bool TryFindParts(ReadOnlySpan<byte> text, int at, out int nameLength, out KnownHeader known, out int valueEnd)
    {
        known = KnownHeader.None;
        if (!Vector256.IsHardwareAccelerated || text.Length < Vector256<byte>.Count || at >= text.Length)
        {
            return TryFindPartsSlowly(text, at, out nameLength, out known, out valueEnd);
        }

        int load = Math.Min(at, text.Length - Vector256<byte>.Count);
        Vector256<byte> bytes = Vector256.Create(text.Slice(load, Vector256<byte>.Count));
        uint colons = Vector256.Equals(bytes, Vector256.Create((byte)':')).ExtractMostSignificantBits() >> (at - load);
        uint controls = ControlBits(bytes) >> (at - load);
        nameLength = BitOperations.TrailingZeroCount(colons);
        int control = BitOperations.TrailingZeroCount(controls);
        if (colons == 0 || nameLength == 0 || nameLength > control)
        {
            return TryFindPartsSlowly(text, at, out nameLength, out known, out valueEnd);
        }

        // No control byte is before the colon, so that a match with a known name can't be a folding accident.
        ReadOnlySpan<byte> name = text.Slice(at, nameLength);
        known = KnownHeaders.Find(name);
        if (known == KnownHeader.None && name.ContainsAnyExcept(Token))
        {
            valueEnd = 0;
            return false;
        }

        valueEnd = at + control;
        if (controls == 0)
        {
            int shown = load + Vector256<byte>.Count;
            valueEnd = shown + text[shown..].IndexOfAny(Control);
            if (valueEnd < shown)
            {
                return false;
            }
        }

        return IsLineEnd(text, valueEnd);
    }

    private static bool TryFindPartsSlowly(
        ReadOnlySpan<byte> text, int at, out int nameLength, out KnownHeader known, out int valueEnd)
    {
        known = KnownHeader.None;
        valueEnd = 0;
        ReadOnlySpan<byte> rest = text[at..];
        nameLength = rest.IndexOfAnyExcept(Token);
        if (nameLength <= 0 || rest[nameLength] != (byte)':')
        {
            return false;
        }

        int valueLength = rest[nameLength..].IndexOfAny(Control);
        valueEnd = at + nameLength + valueLength;
        known = KnownHeaders.Find(rest[..nameLength]);
        return valueLength >= 0 && IsLineEnd(text, valueEnd);
    }

    private static bool IsLineEnd(ReadOnlySpan<byte> text, int at) =>
        at + 1 < text.Length && text[at] == CarriageReturn && text[at + 1] == LineFeed;

    /// <summary>One bit for each byte of <see cref="Control"/>.</summary>
    private static uint ControlBits(Vector256<byte> bytes)
    {
        Vector256<byte> isLow = Vector256.LessThan(bytes, Vector256.Create((byte)0x20));
        Vector256<byte> isTab = Vector256.Equals(bytes, Vector256.Create((byte)'\t'));
        Vector256<byte> isDelete = Vector256.Equals(bytes, Vector256.Create((byte)0x7F));
        return (Vector256.AndNot(isLow, isTab) | isDelete).ExtractMostSignificantBits();
    }

    private static void AddTrimmed(
        ReadOnlySpan<byte> text, FieldSection section, KnownHeader known, int nameStart, int nameLength, int valueEnd)
    {
        int start = nameStart + nameLength + 1;
        int end = valueEnd;
        while (start < end && IsWhiteSpace(text[start]))
        {
            start++;
        }

        while (end > start && IsWhiteSpace(text[end - 1]))
        {
            end--;
        }

        section.Add(known, nameStart, nameLength, start, end - start);
    }

    /// <summary>Says why the fast path stopped: the line isn't complete, is over a limit, or breaks a rule.</summary>
    private static LineOutcome JudgeUnusual(
        ReadOnlySpan<byte> text, int at, in BlockLimits limits, int count, out LineFault fault)
    {
        fault = default;
        int length = text[at..].IndexOf(LineFeed);
        if (length < 0)
        {
            if (text.Length < limits.End)
            {
                return LineOutcome.Incomplete;
            }

            fault = new LineFault(limits.TooLarge);
        }
        else if (at + length + 1 > limits.End)
        {
            fault = new LineFault(limits.TooLarge);
        }
        else
        {
            fault = Diagnose(text.Slice(at, length + 1), at);
            if (fault.Fault == ProtocolFault.None)
            {
                fault = new LineFault(ProtocolFault.HeadersTooMany);
            }
        }

        return LineOutcome.Fault;
    }

    /// <summary>Names what is wrong with a complete line, or nothing when only the count of lines was.</summary>
    private static LineFault Diagnose(ReadOnlySpan<byte> line, int at)
    {
        if (line[0] == LineFeed)
        {
            return new LineFault(ProtocolFault.BareLineFeed);
        }

        if (IsWhiteSpace(line[0]))
        {
            return new LineFault(ProtocolFault.FoldedLine, at, line.Length - 1);
        }

        int nameLength = line.IndexOfAnyExcept(Token);
        byte afterName = line[nameLength];
        if (afterName != (byte)':')
        {
            ProtocolFault fault = afterName switch
            {
                LineFeed => ProtocolFault.ColonMissing,
                CarriageReturn => line[nameLength + 1] == LineFeed ? ProtocolFault.ColonMissing : ProtocolFault.BareCarriageReturn,
                (byte)' ' or (byte)'\t' when Trim(line[nameLength..])[0] == (byte)':' => ProtocolFault.SpaceBeforeColon,
                _ => line.Contains((byte)':') ? ProtocolFault.HeaderNameInvalid : ProtocolFault.ColonMissing,
            };
            return new LineFault(fault, at, line.Length - 1);
        }

        if (nameLength == 0)
        {
            return new LineFault(ProtocolFault.HeaderNameInvalid, at, line.Length - 1);
        }

        // The value may be a secret, so only the name is shown.
        int end = nameLength + 1 + line[(nameLength + 1)..].IndexOfAny(Control);
        return line[end] switch
        {
            LineFeed => new LineFault(ProtocolFault.BareLineFeed, at, nameLength),
            CarriageReturn when line[end + 1] != LineFeed => new LineFault(ProtocolFault.BareCarriageReturn, at, nameLength),
            CarriageReturn => default,
            _ => new LineFault(ProtocolFault.HeaderValueInvalid, at, nameLength),
        };
    }
}
