using System.Globalization;
using System.Text;
using Gyre.Http.Fuzz.Engine;
using Gyre.Http.Protocol;

namespace Gyre.Http.Fuzz.References;

/// <summary>
/// Reads what was accepted again in the most careless way. If it sees another framing, some reader on the way would, and two
/// would disagree about where a request ends.
/// </summary>
internal static class CarelessReader
{
    internal static void JudgeFraming(ReadOnlySpan<byte> raw, RequestHead accepted)
    {
        string head = Encoding.Latin1.GetString(raw);
        Verify.Same(head.Count(c => c == '\n'), head.Count(c => c == '\r'), "an accepted head has a CR or LF alone");
        int count = 0;
        foreach (string line in head.Split('\n'))
        {
            // Whatever else stands in a name, somebody drops it.
            string name = new([.. line.Split(':')[0].ToLowerInvariant().Where(c => c is > ' ' and < '\u007f')]);
            if (name is not ("content-length" or "transfer-encoding"))
            {
                continue;
            }

            count++;
            JudgeLine(name, line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim(' ', '\r'), accepted);
        }

        Verify.That(count <= 1, "an accepted head is framed twice");
        Verify.That(count == 1 || accepted.Framing == BodyFraming.None, "an accepted head is framed by nothing");
    }

    /// <summary>The bytes from the first chunk's line to the end of the trailers, found by looking for line ends alone.</summary>
    /// <param name="wire">From the end of the head on.</param>
    /// <param name="body">The bytes without framing.</param>
    internal static long ChunkedLength(ReadOnlySpan<byte> wire, out long body)
    {
        body = 0;
        int at = 0;
        while (true)
        {
            int line = wire[at..].IndexOf("\r\n"u8);
            Verify.That(line > 0, "an accepted chunk has no line");
            int digits = 0;
            long size = 0;
            while (digits < line && char.IsAsciiHexDigit((char)wire[at + digits]))
            {
                size = (size * 16) + Convert.ToInt32(((char)wire[at + digits]).ToString(), 16);
                digits++;
            }

            at += line + 2;
            if (size == 0)
            {
                break;
            }

            Verify.That(size <= wire.Length - at - 2 && wire.Slice(at + (int)size, 2).SequenceEqual("\r\n"u8), "an accepted chunk isn't ended");
            body += size;
            at += (int)size + 2;
        }

        while (wire[at..].IndexOf("\r\n"u8) is > 0 and int trailer)
        {
            at += trailer + 2;
        }

        return at + 2;
    }

    private static void JudgeLine(string name, string value, RequestHead accepted)
    {
        if (name == "transfer-encoding")
        {
            Verify.That(value.Equals("chunked", StringComparison.OrdinalIgnoreCase), "an accepted coding isn't chunked");
            Verify.Same(BodyFraming.Chunked, accepted.Framing, "a coding doesn't frame");
            return;
        }

        Verify.Same(value, accepted.ContentLength?.ToString(CultureInfo.InvariantCulture), "a length is read otherwise");
        Verify.That(accepted.Framing != BodyFraming.Chunked, "a length is ignored");
    }
}
