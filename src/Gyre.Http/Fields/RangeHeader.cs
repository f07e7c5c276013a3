using Gyre.Http.Protocol;

namespace Gyre.Http.Fields;

/// <summary>
/// The <c>Range</c> header in bytes, RFC 9110 section 14.1.2. What can't be read, another unit, and more parts than the
/// caller has room for are ignored, as section 14.2 allows: the whole is sent. Parts that overlap or touch are joined,
/// where the first of them stood (section 15.3.7.2 allows it): no byte is sent twice, so that the parts together are never
/// longer than the file.
/// </summary>
internal static class RangeHeader
{
    /// <summary>
    /// The room to offer by default. Browsers and download tools ask for one part, PDF viewers for a handful; joining
    /// compares each part with each other, at most 256 comparisons.
    /// </summary>
    internal const int PartsMaxDefault = 16;

    /// <summary>Room for every <c>Content-Range</c>: the unit, and three numbers of 19 digits with two marks between.</summary>
    internal const int ContentRangeBytesMax = 65;

    /// <summary>Reads a value.</summary>
    /// <param name="value">Of the only <c>Range</c> line.</param>
    /// <param name="length">Bytes of the representation.</param>
    /// <param name="parts">Where the parts go, in the order asked for; its length is the limit, also for parts that don't exist.</param>
    /// <param name="count">How many there are.</param>
    internal static RangeOutcome Read(ReadOnlySpan<byte> value, long length, Span<ByteRange> parts, out int count)
    {
        count = 0;
        if (!TryCutUnit(value, out ReadOnlySpan<byte> set))
        {
            return RangeOutcome.Whole;
        }

        int asked = 0;
        foreach (System.Range element in set.Split((byte)','))
        {
            ReadOnlySpan<byte> spec = ByteClasses.Trim(set[element]);
            if (spec.IsEmpty)
            {
                continue;
            }

            if (++asked > parts.Length || !TryRead(spec, length, out ByteRange part))
            {
                count = 0;
                return RangeOutcome.Whole;
            }

            if (part.Length > 0)
            {
                Join(parts, ref count, part);
            }
        }

        if (count > 0)
        {
            return RangeOutcome.Parts;
        }

        return asked == 0 || (length == 0 && AsksForEnd(set)) ? RangeOutcome.Whole : RangeOutcome.Unsatisfiable;
    }

    /// <summary>Writes the value of <c>Content-Range</c> for a part, RFC 9110 section 14.4.</summary>
    /// <param name="part">What is sent.</param>
    /// <param name="length">Bytes of the whole.</param>
    /// <param name="destination">At least <see cref="ContentRangeBytesMax"/> bytes.</param>
    /// <returns>How many bytes were written.</returns>
    internal static int WriteContentRange(ByteRange part, long length, Span<byte> destination)
    {
        SpanComposer composer = new(destination);
        composer.Write("bytes "u8);
        composer.WriteDecimal(part.Start);
        composer.Write("-"u8);
        composer.WriteDecimal(part.End - 1);
        composer.Write("/"u8);
        composer.WriteDecimal(length);
        return composer.Length;
    }

    /// <summary>Writes the value of <c>Content-Range</c> for a 416, RFC 9110 section 14.4.</summary>
    /// <inheritdoc cref="WriteContentRange"/>
    internal static int WriteUnsatisfied(long length, Span<byte> destination)
    {
        SpanComposer composer = new(destination);
        composer.Write("bytes */"u8);
        composer.WriteDecimal(length);
        return composer.Length;
    }

    // Units are case-insensitive, section 14.1.
    private static bool TryCutUnit(ReadOnlySpan<byte> value, out ReadOnlySpan<byte> set)
    {
        const int UnitLength = 6;
        bool isBytes = value.Length > UnitLength && System.Text.Ascii.EqualsIgnoreCase(value[..UnitLength], "bytes="u8);
        set = isBytes ? value[UnitLength..] : default;
        return isBytes;
    }

    // A part of length 0 is one that doesn't exist.
    private static bool TryRead(ReadOnlySpan<byte> spec, long length, out ByteRange part)
    {
        part = default;
        int hyphen = spec.IndexOf((byte)'-');
        if (hyphen < 0)
        {
            return false;
        }

        ReadOnlySpan<byte> afterHyphen = spec[(hyphen + 1)..];
        if (hyphen == 0)
        {
            bool isSuffix = TryNumber(afterHyphen, out long suffix);
            long taken = Math.Min(suffix, length);
            part = new ByteRange(length - taken, taken);
            return isSuffix;
        }

        long last = long.MaxValue;
        if (!TryNumber(spec[..hyphen], out long first)
            || (!afterHyphen.IsEmpty && !TryNumber(afterHyphen, out last)) || IsReversed(spec[..hyphen], afterHyphen, first, last))
        {
            return false;
        }

        part = first < length ? new ByteRange(first, Math.Min(last, length - 1) - first + 1) : default;
        return true;
    }

    private static bool IsReversed(ReadOnlySpan<byte> firstDigits, ReadOnlySpan<byte> lastDigits, long first, long last)
    {
        if (lastDigits.IsEmpty || first != long.MaxValue || last != long.MaxValue)
        {
            return !lastDigits.IsEmpty && first > last;
        }

        // Both are beyond any file: compared as text, so that what is reversed is so at any size.
        ReadOnlySpan<byte> one = firstDigits.TrimStart((byte)'0');
        ReadOnlySpan<byte> other = lastDigits.TrimStart((byte)'0');
        return one.Length != other.Length ? one.Length > other.Length : one.SequenceCompareTo(other) > 0;
    }

    // 1*DIGIT of any length; what a long can't hold is beyond any file.
    private static bool TryNumber(ReadOnlySpan<byte> digits, out long number)
    {
        number = 0;
        if (digits.IsEmpty || digits.ContainsAnyExcept(ByteClasses.Digits))
        {
            return false;
        }

        foreach (byte digit in digits)
        {
            int unit = digit - '0';
            if (number > (long.MaxValue - unit) / 10)
            {
                number = long.MaxValue;
                break;
            }

            number = (number * 10) + unit;
        }

        return true;
    }

    // The last bytes of an empty file are satisfiable (section 14.1.2) but can't be named in a Content-Range: all is sent.
    private static bool AsksForEnd(ReadOnlySpan<byte> set)
    {
        foreach (System.Range element in set.Split((byte)','))
        {
            ReadOnlySpan<byte> spec = ByteClasses.Trim(set[element]);
            if (spec.Length > 1 && spec[0] == (byte)'-' && spec[1..].ContainsAnyExcept((byte)'0'))
            {
                return true;
            }
        }

        return false;
    }

    // The parts so far neither overlap nor touch, so one pass suffices: what the union reaches, the new part or the old
    // one reached.
    private static void Join(Span<ByteRange> parts, ref int count, ByteRange part)
    {
        int place = count;
        int kept = 0;
        for (int i = 0; i < count; i++)
        {
            ByteRange old = parts[i];
            if (part.Start > old.End || old.Start > part.End)
            {
                parts[kept++] = old;
                continue;
            }

            long start = Math.Min(part.Start, old.Start);
            part = new ByteRange(start, Math.Max(part.End, old.End) - start);
            if (place == count)
            {
                place = kept++;
            }
        }

        if (place == count)
        {
            place = kept++;
        }

        parts[place] = part;
        count = kept;
    }
}
