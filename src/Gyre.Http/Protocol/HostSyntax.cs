using System.Buffers;
using System.Net;
using static Gyre.Http.Protocol.ByteClasses;

namespace Gyre.Http.Protocol;

/// <summary>
/// <c>uri-host [":" port]</c>, RFC 9110 section 7.2, narrowed to what names a host: a name of at most 255 bytes, an
/// IPv4 address (which looks like a name), or an IPv6 address in brackets without a zone. A colon demands a port.
/// </summary>
internal static class HostSyntax
{
    private const int HostBytesMax = 255;
    private const int PortDigitsMax = 5;

    private static readonly SearchValues<byte> s_addressBytes = SearchValues.Create("0123456789abcdefABCDEF:."u8);

    /// <summary>Splits and checks an authority without user information.</summary>
    /// <param name="authority">For example <c>example.org:8080</c>.</param>
    /// <param name="hostLength">The length of the host at its start, brackets included.</param>
    /// <param name="port">-1 when there is none.</param>
    internal static bool TryParse(ReadOnlySpan<byte> authority, out int hostLength, out int port)
    {
        port = -1;
        if (authority.Length > 0 && authority[0] == (byte)'[')
        {
            hostLength = authority.IndexOf((byte)']') + 1;
            return hostLength > 0 && IsAddress(authority[1..(hostLength - 1)]) && TryParsePort(authority[hostLength..], out port);
        }

        hostLength = authority.IndexOfAnyExcept(HostName);
        if (hostLength < 0)
        {
            hostLength = authority.Length;
            return hostLength is > 0 and <= HostBytesMax;
        }

        return hostLength is > 0 and <= HostBytesMax && TryParsePort(authority[hostLength..], out port);
    }

    /// <summary>Whether two valid authorities name the same host, and the same port once defaults are filled in.</summary>
    internal static bool Same(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other, int defaultPort)
    {
        return TryParse(one, out int oneLength, out int onePort)
            && TryParse(other, out int otherLength, out int otherPort)
            && (onePort < 0 ? defaultPort : onePort) == (otherPort < 0 ? defaultPort : otherPort)
            && System.Text.Ascii.EqualsIgnoreCase(one[..oneLength], other[..otherLength]);
    }

    // The BCL's parser also knows zones and prefixes, which the set of bytes keeps out.
    private static bool IsAddress(ReadOnlySpan<byte> text) =>
        text.Contains((byte)':') && !text.ContainsAnyExcept(s_addressBytes) && IPAddress.IsValidUtf8(text);

    private static bool TryParsePort(ReadOnlySpan<byte> text, out int port)
    {
        port = -1;
        if (text.IsEmpty)
        {
            return true;
        }

        if (text[0] != (byte)':' || text.Length < 2 || text.Length > PortDigitsMax + 1)
        {
            return false;
        }

        int sum = 0;
        foreach (byte digit in text[1..])
        {
            if (!char.IsAsciiDigit((char)digit))
            {
                return false;
            }

            sum = (sum * 10) + (digit - '0');
        }

        port = sum;
        return sum <= ushort.MaxValue;
    }
}
