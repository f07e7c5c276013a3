using System.Globalization;
using System.Text;

namespace Gyre.Http.Fuzz.Engine;

/// <summary>Bytes as they can be pasted into a test.</summary>
internal static class CSharpLiteral
{
    /// <summary>A string of Latin-1, quotes included.</summary>
    internal static string Of(ReadOnlySpan<byte> bytes) => $"\"{Escape(Encoding.Latin1.GetString(bytes))}\"";

    internal static string Escape(string text)
    {
        StringBuilder escaped = new();
        foreach (char c in text)
        {
            escaped.Append(c switch
            {
                '\r' => "\\r",
                '\n' => "\\n",
                '\t' => "\\t",
                '"' => "\\\"",
                '\\' => "\\\\",
                >= ' ' and <= '~' => c.ToString(),
                _ => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
            });
        }

        return escaped.ToString();
    }
}
