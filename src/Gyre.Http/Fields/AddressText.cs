using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Gyre.Http.Fields;

/// <summary>
/// Addresses as others write them, by the letter: the BCL's parser also takes octal and shortened IPv4 and zones, which
/// two readers understand in two ways.
/// </summary>
internal static class AddressText
{
    private const int IPv4BytesMax = 15;
    private const int IPv6BytesMax = 45;
    private const int PortDigitsMax = 5;

    private static readonly SearchValues<byte> s_ipv6 = SearchValues.Create("0123456789abcdefABCDEF:."u8);

    /// <summary>Four decimal numbers to 255 without leading zeros.</summary>
    internal static bool TryParseIPv4(ReadOnlySpan<byte> text, [NotNullWhen(true)] out IPAddress? address)
    {
        address = null;
        if (text.Length > IPv4BytesMax)
        {
            return false;
        }

        int parts = 0;
        foreach (Range range in text.Split((byte)'.'))
        {
            if (!TryParseNumber(text[range], 3, out int number) || number > byte.MaxValue)
            {
                return false;
            }

            parts++;
        }

        return parts == 4 && IPAddress.TryParse(text, out address);
    }

    /// <summary>An IPv6 address without brackets and zone.</summary>
    internal static bool TryParseIPv6(ReadOnlySpan<byte> text, [NotNullWhen(true)] out IPAddress? address)
    {
        address = null;
        return text.Length <= IPv6BytesMax && text.Contains((byte)':') && !text.ContainsAnyExcept(s_ipv6)
            && IPAddress.TryParse(text, out address);
    }

    /// <summary>A decimal number to 65535 without leading zeros.</summary>
    internal static bool TryParsePort(ReadOnlySpan<byte> text, out int port) =>
        TryParseNumber(text, PortDigitsMax, out port) && port <= ushort.MaxValue;

    private static bool TryParseNumber(ReadOnlySpan<byte> text, int digitsMax, out int number)
    {
        number = 0;
        if (text.IsEmpty || text.Length > digitsMax || (text[0] == (byte)'0' && text.Length > 1))
        {
            return false;
        }

        foreach (byte digit in text)
        {
            if (!char.IsAsciiDigit((char)digit))
            {
                return false;
            }

            number = (number * 10) + (digit - '0');
        }

        return true;
    }
}
