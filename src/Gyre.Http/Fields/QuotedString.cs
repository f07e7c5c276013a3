using System.Buffers;

namespace Gyre.Http.Fields;

/// <summary><c>quoted-string</c>, RFC 9110 section 5.6.4.</summary>
internal static class QuotedString
{
    // What ends the plain run within quotes: the quote, the escape, and what may not stand there.
    private static readonly SearchValues<byte> s_special = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Where(b => b != '\t').Select(b => (byte)b), (byte)'"', (byte)'\\', 0x7F]);

    /// <summary>The length of the quoted string that a text begins with, both quotes included; 0 when it is none.</summary>
    internal static int Length(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty || text[0] != (byte)'"')
        {
            return 0;
        }

        int at = 1;
        while (at < text.Length)
        {
            int found = text[at..].IndexOfAny(s_special);
            if (found < 0)
            {
                return 0;
            }

            at += found;
            if (text[at] == (byte)'"')
            {
                return at + 1;
            }

            if (text[at] != (byte)'\\' || at + 1 >= text.Length || !MayBeEscaped(text[at + 1]))
            {
                return 0;
            }

            at += 2;
        }

        return 0;
    }

    /// <summary>Takes off the quotes and the escapes.</summary>
    /// <param name="quoted">A whole quoted string.</param>
    /// <param name="destination">Two bytes less than that suffice.</param>
    /// <returns>How many bytes were written.</returns>
    internal static int Unquote(ReadOnlySpan<byte> quoted, Span<byte> destination)
    {
        int written = 0;
        ReadOnlySpan<byte> inside = quoted[1..^1];
        for (int i = 0; i < inside.Length; i++)
        {
            if (inside[i] == (byte)'\\')
            {
                i++;
            }

            destination[written++] = inside[i];
        }

        return written;
    }

    /// <summary>The length of the element that a list begins with: what stands before the first comma outside quotes.</summary>
    /// <param name="list">A list, RFC 9110 section 5.6.1.</param>
    /// <param name="isClosed">Whether all quotes within are closed; if not, the element is the whole rest.</param>
    internal static int ListElementLength(ReadOnlySpan<byte> list, out bool isClosed)
    {
        int at = 0;
        isClosed = true;
        while (at < list.Length)
        {
            int found = list[at..].IndexOfAny((byte)',', (byte)'"');
            if (found < 0)
            {
                return list.Length;
            }

            at += found;
            if (list[at] == (byte)',')
            {
                return at;
            }

            int quoted = Length(list[at..]);
            if (quoted == 0)
            {
                isClosed = false;
                return list.Length;
            }

            at += quoted;
        }

        return list.Length;
    }

    private static bool MayBeEscaped(byte b) => b == (byte)'\t' || (b >= 0x20 && b != 0x7F);
}
