using Gyre.Http.Protocol;

namespace Gyre.Http.Fields;

/// <summary>
/// Walks a list whose elements may have a weight, RFC 9110 section 12.4.2: <c>Accept</c>, <c>Accept-Encoding</c>,
/// <c>Accept-Language</c>. An element is what stands before its first semicolon; commas within quotes part nothing;
/// empty elements are skipped. One pass, nothing allocated.
/// </summary>
/// <param name="list">A field value.</param>
internal ref struct QualityList(ReadOnlySpan<byte> list)
{
    /// <summary>The weight of an element that names none; weights are thousandths.</summary>
    internal const int QualityMax = 1000;

    private ReadOnlySpan<byte> _rest = list;

    /// <summary>The element without parameters: a token, a media range, a language range; characters aren't checked.</summary>
    internal ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>Its parameters before the weight, from the first semicolon on; empty when there are none.</summary>
    internal ReadOnlySpan<byte> Parameters { get; private set; }

    /// <summary>Its weight in thousandths, 0 (not acceptable) to <see cref="QualityMax"/>.</summary>
    internal int Quality { get; private set; }

    /// <summary>Whether the walk ended because an element can't be read: the list as a whole is then no list.</summary>
    internal bool IsMalformed { get; private set; }

    /// <summary>Moves to the next element.</summary>
    /// <returns><see langword="false"/> at the end, and at what can't be read.</returns>
    internal bool MoveNext()
    {
        while (!IsMalformed && !_rest.IsEmpty)
        {
            int length = QuotedString.ListElementLength(_rest, out bool isClosed);
            ReadOnlySpan<byte> element = ByteClasses.Trim(_rest[..length]);
            _rest = length < _rest.Length ? _rest[(length + 1)..] : default;
            IsMalformed = !isClosed || (!element.IsEmpty && !TryRead(element));
            if (!IsMalformed && !element.IsEmpty)
            {
                return true;
            }
        }

        return false;
    }

    private bool TryRead(ReadOnlySpan<byte> element)
    {
        int semicolon = element.IndexOf((byte)';');
        Value = semicolon < 0 ? element : ByteClasses.Trim(element[..semicolon]);
        Parameters = default;
        Quality = QualityMax;
        return !Value.IsEmpty && !Value.Contains((byte)'"') && (semicolon < 0 || TryReadParameters(element[semicolon..]));
    }

    private bool TryReadParameters(ReadOnlySpan<byte> text)
    {
        ParameterReader parameters = new(text);
        int lengthBefore = text.Length;
        bool isWeighted = false;
        while (parameters.MoveNext())
        {
            // What follows the weight of a media range was once its extensions (RFC 7231); it says nothing any more.
            if (!isWeighted && System.Text.Ascii.EqualsIgnoreCase(parameters.Name, "q"u8))
            {
                isWeighted = true;
                lengthBefore = parameters.Start;
                if (!TryReadQuality(parameters.Value, out int quality))
                {
                    return false;
                }

                Quality = quality;
            }
        }

        Parameters = ByteClasses.Trim(text[..lengthBefore]);
        return !parameters.IsMalformed;
    }

    // qvalue: 0 or 1, and up to three decimals, which after a 1 are zeros.
    private static bool TryReadQuality(ReadOnlySpan<byte> text, out int quality)
    {
        quality = 0;
        if (text.IsEmpty || text.Length > 5 || text[0] is not ((byte)'0' or (byte)'1') || (text.Length > 1 && text[1] != (byte)'.'))
        {
            return false;
        }

        quality = (text[0] - '0') * QualityMax;
        int worth = QualityMax / 10;
        for (int i = 2; i < text.Length; i++, worth /= 10)
        {
            if (!char.IsAsciiDigit((char)text[i]))
            {
                return false;
            }

            quality += (text[i] - '0') * worth;
        }

        return quality <= QualityMax;
    }
}
