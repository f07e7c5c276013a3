using System.Text;

namespace Gyre.Http.StaticFiles;

/// <summary>The value of <c>Content-Disposition</c> for a download, RFC 6266.</summary>
internal static class ContentDisposition
{
    // attr-char of RFC 8187 section 3.2.1.
    private const string AttributeMarks = "!#$&+-.^_`|~";

    /// <summary>
    /// <c>attachment</c> with the name as ASCII for old clients, and in UTF-8 behind it when that says more. A name is made safe: no
    /// client is sent a path, and nothing ends the value.
    /// </summary>
    public static string Attachment(string name)
    {
        var plain = new StringBuilder();
        var encoded = new StringBuilder();
        bool differs = false;
        foreach (Rune rune in name.EnumerateRunes())
        {
            Rune safe = Rune.IsControl(rune) || rune.Value is '/' or '\\' ? new Rune('_') : rune;
            bool isPlain = safe.IsAscii && safe.Value is not ('"' or '%');
            plain.Append(isPlain ? (char)safe.Value : '_');
            differs |= !isPlain;
            AppendEncoded(encoded, safe);
        }

        return differs ? $"attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}" : $"attachment; filename=\"{plain}\"";
    }

    private static void AppendEncoded(StringBuilder text, Rune rune)
    {
        if (rune.IsAscii && (char.IsAsciiLetterOrDigit((char)rune.Value) || AttributeMarks.Contains((char)rune.Value, StringComparison.Ordinal)))
        {
            text.Append((char)rune.Value);
            return;
        }

        Span<byte> bytes = stackalloc byte[4];
        foreach (byte b in bytes[..rune.EncodeToUtf8(bytes)])
        {
            text.Append('%').Append(b.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
        }
    }
}
