using System.Text;
using Gyre.Http.Fields;
using Gyre.Http.Protocol;

namespace Gyre.Http.Forms;

/// <summary>
/// Text by its declared charset. The few that RFC 9110 and old clients leave in use are taken; each byte must be right, because a
/// character that was replaced in silence is data lost.
/// </summary>
internal static class BodyText
{
    private static readonly Encoding s_utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly Encoding s_utf16 = new UnicodeEncoding(bigEndian: false, byteOrderMark: false, throwOnInvalidBytes: true);
    private static readonly Encoding s_utf16Big = new UnicodeEncoding(bigEndian: true, byteOrderMark: false, throwOnInvalidBytes: true);
    private static readonly Encoding s_ascii =
        Encoding.GetEncoding("us-ascii", EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback);

    /// <summary>The encoding that a content type declares: UTF-8 when it declares none.</summary>
    /// <exception cref="HttpException">It isn't well formed, or the charset is another: 415.</exception>
    public static Encoding EncodingOf(ReadOnlySpan<byte> contentType)
    {
        if (contentType.IsEmpty)
        {
            return s_utf8;
        }

        if (!ContentTypeReader.TryParse(contentType, out ContentTypeReader type))
        {
            throw new HttpException(415, $"The content type {ProtocolError.Printable(contentType)} is not of the form type/subtype; name=value.");
        }

        // Twice is found, too, and then isn't taken: readers differ in which one counts.
        _ = type.TryGetParameter("charset"u8, out ReadOnlySpan<byte> found);
        if (found.IsEmpty)
        {
            return s_utf8;
        }

        return type.TryGetCharset(out ReadOnlySpan<byte> charset) && Find(charset) is { } encoding
            ? encoding
            : throw new HttpException(
                415, $"The charset of {ProtocolError.Printable(contentType)} isn't one of utf-8, utf-16, utf-16le, utf-16be, iso-8859-1, us-ascii.");
    }

    /// <summary>Whether a content type says nothing or UTF-8.</summary>
    public static bool IsUtf8(ReadOnlySpan<byte> contentType) => EncodingOf(contentType) == s_utf8;

    /// <summary>Decodes a whole text, without the byte-order mark, which decides between the two orders of UTF-16.</summary>
    /// <exception cref="HttpException">A byte isn't of the encoding: 400.</exception>
    public static string Decode(Encoding encoding, ReadOnlySpan<byte> bytes)
    {
        if (encoding == s_utf8)
        {
            bytes = WithoutMark(bytes);
        }
        else if (encoding == s_utf16 || encoding == s_utf16Big)
        {
            bool isMarked = bytes is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..];
            encoding = isMarked ? (bytes[0] == 0xFF ? s_utf16 : s_utf16Big) : encoding;
            bytes = isMarked ? bytes[2..] : bytes;
        }

        try
        {
            return encoding.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            // Its message is about .NET; the peer needs to know what it declared.
            throw new HttpException(400, $"The text isn't valid {encoding.WebName}, which it is declared to be.");
        }
    }

    /// <summary>UTF-8 without its byte-order mark.</summary>
    public static ReadOnlySpan<byte> WithoutMark(ReadOnlySpan<byte> bytes) => bytes is [0xEF, 0xBB, 0xBF, ..] ? bytes[3..] : bytes;

    private static Encoding? Find(ReadOnlySpan<byte> charset)
    {
        if (Ascii.EqualsIgnoreCase(charset, "utf-8"u8) || Ascii.EqualsIgnoreCase(charset, "utf8"u8))
        {
            return s_utf8;
        }

        // Without a mark little-endian, as the WHATWG encoding standard has it.
        if (Ascii.EqualsIgnoreCase(charset, "utf-16"u8) || Ascii.EqualsIgnoreCase(charset, "utf-16le"u8))
        {
            return s_utf16;
        }

        if (Ascii.EqualsIgnoreCase(charset, "utf-16be"u8))
        {
            return s_utf16Big;
        }

        if (Ascii.EqualsIgnoreCase(charset, "iso-8859-1"u8) || Ascii.EqualsIgnoreCase(charset, "latin1"u8))
        {
            return Encoding.Latin1;
        }

        return Ascii.EqualsIgnoreCase(charset, "us-ascii"u8) || Ascii.EqualsIgnoreCase(charset, "ascii"u8) ? s_ascii : null;
    }
}
