using System.Text;

namespace Gyre.Samples.Resp;

/// <summary>Bytes in messages.</summary>
internal static class RespText
{
    /// <summary>A message needs no more to be recognised.</summary>
    private const int ShownMax = 32;

    /// <summary>The bytes in double quotes, those that don't print as escapes.</summary>
    public static string Quote(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder("\"");
        foreach (byte one in bytes)
        {
            _ = one switch
            {
                (byte)'"' or (byte)'\\' => text.Append('\\').Append((char)one),
                (byte)'\r' => text.Append("\\r"),
                (byte)'\n' => text.Append("\\n"),
                >= 0x20 and < 0x7F => text.Append((char)one),
                _ => text.Append($"\\x{one:x2}"),
            };
        }

        return text.Append('"').ToString();
    }

    /// <summary>As <see cref="Quote"/>, cut where it is long.</summary>
    public static string Show(ReadOnlySpan<byte> bytes) => bytes.Length <= ShownMax ? Quote(bytes) : Quote(bytes[..ShownMax]) + "…";
}
