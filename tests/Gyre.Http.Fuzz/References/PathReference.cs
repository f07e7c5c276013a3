using System.Globalization;
using System.Text;
using Gyre.Http.Routing;

namespace Gyre.Http.Fuzz.References;

/// <summary>The rule of <see cref="RequestPath"/> once more, as slowly and plainly as can be.</summary>
internal static class PathReference
{
    internal static List<byte[]>? Decode(ReadOnlySpan<byte> raw, out PathFault fault)
    {
        List<byte[]> segments = [];
        foreach (string segment in Encoding.ASCII.GetString(raw)[1..].Split('/'))
        {
            byte[] decoded = DecodeSegment(segment, out fault);
            if (fault != PathFault.None)
            {
                return null;
            }

            segments.Add(decoded);
        }

        fault = PathFault.None;
        return segments;
    }

    private static byte[] DecodeSegment(string segment, out PathFault fault)
    {
        List<byte> decoded = [];
        fault = PathFault.None;
        for (int i = 0; i < segment.Length; i++)
        {
            if (segment[i] != '%')
            {
                decoded.Add((byte)segment[i]);
                continue;
            }

            string digits = segment.Substring(i + 1, Math.Min(2, segment.Length - i - 1));
            if (digits.Length < 2 || !byte.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte b))
            {
                fault = PathFault.EscapeInvalid;
                return [];
            }

            if (b < 32 || b == 127)
            {
                fault = PathFault.ControlByte;
                return [];
            }

            decoded.Add(b);
            i += 2;
        }

        byte[] bytes = [.. decoded];
        string text = Encoding.UTF8.GetString(bytes);
        fault = !Encoding.UTF8.GetBytes(text).AsSpan().SequenceEqual(bytes) ? PathFault.NotUtf8
            : text is "." or ".." ? PathFault.DotSegment : PathFault.None;
        return bytes;
    }
}
