using System.Text;
using Gyre.Http.Fields;
using Gyre.Http.Protocol;

namespace Gyre.Http.Forms;

/// <summary>
/// The <c>Content-Disposition</c> of a part, RFC 7578 section 4.2: name and file name, as browsers write them (UTF-8 in quotes, a quote
/// as <c>%22</c> or escaped, a backslash as it is). <c>filename*</c> isn't read, as section 4.2 says.
/// </summary>
internal static class Disposition
{
    /// <summary>Reads a value; an absent or other disposition has neither name nor file name.</summary>
    /// <returns>False when it isn't well formed, or has one of the two twice: readers differ in which one counts.</returns>
    public static bool TryRead(string? value, out string? name, out string? fileName)
    {
        name = null;
        fileName = null;
        if (value is null)
        {
            return true;
        }

        ReadOnlySpan<byte> bytes = Encoding.UTF8.GetBytes(value);
        int length = bytes.IndexOfAnyExcept(ByteClasses.Token) is >= 0 and int end ? end : bytes.Length;
        ParameterReader parameters = new(bytes[length..]);
        while (parameters.MoveNext())
        {
            if (!TryTake(parameters, "name"u8, ref name) || !TryTake(parameters, "filename"u8, ref fileName))
            {
                return false;
            }
        }

        return length > 0 && !parameters.IsMalformed;
    }

    /// <summary>The last segment of a path of any system, without control characters; null when nothing sensible remains.</summary>
    public static string? FileNameAlone(string? fileName)
    {
        if (fileName is null)
        {
            return null;
        }

        string last = fileName[(fileName.AsSpan().LastIndexOfAny('/', '\\') + 1)..];
        string clean = string.Concat(last.Where(static c => !char.IsControl(c) && c is not (':' or '*' or '?' or '"' or '<' or '>' or '|'))).Trim();

        // Windows drops dots at the end, and a name of dots alone is a folder everywhere.
        clean = clean.TrimEnd('.', ' ');
        return clean.Length == 0 ? null : clean;
    }

    private static bool TryTake(in ParameterReader parameters, ReadOnlySpan<byte> name, ref string? value)
    {
        if (!Ascii.EqualsIgnoreCase(parameters.Name, name))
        {
            return true;
        }

        if (value is not null)
        {
            return false;
        }

        ReadOnlySpan<byte> text = parameters.Value;
        value = text[0] == (byte)'"' ? Unquote(Encoding.UTF8.GetString(text[1..^1])) : Encoding.UTF8.GetString(text);
        return true;
    }

    /// <summary>Browsers don't escape a backslash, so only what can be nothing but an escape is taken for one.</summary>
    private static string Unquote(string text) =>
        text.Replace("\\\"", "\"", StringComparison.Ordinal).Replace("\\\\", "\\", StringComparison.Ordinal);
}
