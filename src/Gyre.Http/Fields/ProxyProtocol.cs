using System.Net;
using Gyre.Http.Protocol;

namespace Gyre.Http.Fields;

/// <summary>
/// Reads the header of HAProxy's PROXY protocol (proxy-protocol.txt, sections 2.1 and 2.2), text or binary, which a proxy
/// sends before the first byte of the client. By the letter: a header that deviates ends the connection, as the document
/// demands. Only for connections from proxies that are to send it, since anyone can write one; there it is mandatory.
/// </summary>
internal static class ProxyProtocol
{
    /// <summary>The longest line of version 1, its CRLF included: the document's own worst case.</summary>
    internal const int LineBytesMax = 107;

    /// <summary>
    /// The longest header of version 2 that is taken. Addresses have 216 bytes at most, a unique id 128, certificate names a
    /// few hundred; the format itself allows 64 KiB, which nobody sends and a stranger could make us keep.
    /// </summary>
    internal const int BinaryBytesMax = 4096;

    private static ReadOnlySpan<byte> LineStart => "PROXY "u8;

    /// <summary>Looks for a header at the start of a connection. Looks at most at <see cref="BinaryBytesMax"/> bytes.</summary>
    /// <param name="input">All that came so far.</param>
    /// <param name="consumed">The length of the header when done, else 0; what follows is the client's.</param>
    /// <param name="header">What it says, when done.</param>
    /// <param name="error">A sentence for the log when it is none, else <see langword="null"/>.</param>
    internal static ProxyHeaderStatus Read(ReadOnlySpan<byte> input, out int consumed, out ProxyHeader header, out string? error)
    {
        consumed = 0;
        header = default;
        error = null;
        if (StartsAlike(input, ProxyProtocolBinary.Signature))
        {
            return ProxyProtocolBinary.Read(input, out consumed, out header, out error);
        }

        if (!StartsAlike(input, LineStart))
        {
            error = "The connection begins with neither 'PROXY ' nor the signature of PROXY protocol version 2.";
            return ProxyHeaderStatus.Error;
        }

        return ReadLine(input, out consumed, out header, out error);
    }

    private static bool StartsAlike(ReadOnlySpan<byte> input, ReadOnlySpan<byte> start)
    {
        int length = Math.Min(input.Length, start.Length);
        return input[..length].SequenceEqual(start[..length]);
    }

    private static ProxyHeaderStatus ReadLine(ReadOnlySpan<byte> input, out int consumed, out ProxyHeader header, out string? error)
    {
        consumed = 0;
        header = default;
        error = null;
        ReadOnlySpan<byte> window = input[..Math.Min(input.Length, LineBytesMax)];
        int end = window.IndexOfAny(ByteClasses.CarriageReturn, ByteClasses.LineFeed);
        bool isOpen = end < 0 || (end == window.Length - 1 && window[end] == ByteClasses.CarriageReturn);
        if (isOpen && window.Length < LineBytesMax)
        {
            return ProxyHeaderStatus.NeedData;
        }

        if (isOpen || window[end] == ByteClasses.LineFeed || window[end + 1] != ByteClasses.LineFeed)
        {
            error = "The line of PROXY protocol version 1 doesn't end in CR LF within 107 bytes.";
            return ProxyHeaderStatus.Error;
        }

        if (!TryReadFields(window[LineStart.Length..end], out header))
        {
            error = "The line of PROXY protocol version 1 is not TCP4 or TCP6 with two addresses and two ports, nor UNKNOWN.";
            return ProxyHeaderStatus.Error;
        }

        consumed = end + 2;
        return ProxyHeaderStatus.Done;
    }

    private static bool TryReadFields(ReadOnlySpan<byte> fields, out ProxyHeader header)
    {
        header = default;
        if (fields.SequenceEqual("UNKNOWN"u8) || fields.StartsWith("UNKNOWN "u8))
        {
            return true;
        }

        Span<Range> parts = stackalloc Range[5];
        int count = 0;
        foreach (Range part in fields.Split((byte)' '))
        {
            if (count == parts.Length)
            {
                return false;
            }

            parts[count++] = part;
        }

        if (count != parts.Length)
        {
            return false;
        }

        ReadOnlySpan<byte> family = fields[parts[0]];
        bool isIPv4 = family.SequenceEqual("TCP4"u8);
        if ((!isIPv4 && !family.SequenceEqual("TCP6"u8))
            || !TryParseAddress(fields[parts[1]], isIPv4, out IPAddress? source)
            || !TryParseAddress(fields[parts[2]], isIPv4, out IPAddress? destination)
            || !AddressText.TryParsePort(fields[parts[3]], out int sourcePort)
            || !AddressText.TryParsePort(fields[parts[4]], out int destinationPort))
        {
            return false;
        }

        header = new ProxyHeader(new IPEndPoint(source!, sourcePort), new IPEndPoint(destination!, destinationPort), IsLocal: false);
        return true;
    }

    private static bool TryParseAddress(ReadOnlySpan<byte> text, bool isIPv4, out IPAddress? address) =>
        isIPv4 ? AddressText.TryParseIPv4(text, out address) : AddressText.TryParseIPv6(text, out address);
}
