using static Gyre.Http.Protocol.ByteClasses;

namespace Gyre.Http.Protocol;

/// <summary>
/// Reads header and trailer lines, RFC 9112 section 5: <c>name ":" OWS value OWS CRLF</c>. A good line costs two
/// vectorised searches; whatever they don't find in the right place is looked at again, slowly, to name the fault.
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
        fault = default;
        int at = position;
        while (true)
        {
            ReadOnlySpan<byte> rest = text[at..];
            int nameLength = rest.IndexOfAnyExcept(Token);
            if (nameLength > 0 && rest[nameLength] == (byte)':')
            {
                ReadOnlySpan<byte> value = rest[(nameLength + 1)..];
                int valueLength = value.IndexOfAny(Control);
                if ((uint)(valueLength + 1) >= (uint)value.Length || valueLength < 0 ||
                    value[valueLength] != CarriageReturn || value[valueLength + 1] != LineFeed)
                {
                    break;
                }

                int lineEnd = at + nameLength + 1 + valueLength + 2;
                if (lineEnd > limits.End || section.Count == limits.CountMax)
                {
                    break;
                }

                AddTrimmed(section, rest[..nameLength], at, value[..valueLength]);
                at = lineEnd;
                continue;
            }

            if (nameLength == 0 && rest.Length >= 2 && rest[0] == CarriageReturn && rest[1] == LineFeed && at + 2 <= limits.End)
            {
                position = at + 2;
                return LineOutcome.BlockEnded;
            }

            break;
        }

        position = at;
        return JudgeUnusual(text, at, limits, section.Count, out fault);
    }

    private static void AddTrimmed(FieldSection section, ReadOnlySpan<byte> name, int nameStart, ReadOnlySpan<byte> value)
    {
        int start = 0;
        int end = value.Length;
        while (start < end && IsWhiteSpace(value[start]))
        {
            start++;
        }

        while (end > start && IsWhiteSpace(value[end - 1]))
        {
            end--;
        }

        section.Add(name, nameStart, nameStart + name.Length + 1 + start, end - start);
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
