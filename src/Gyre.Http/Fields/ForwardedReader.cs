using System.Net;
using Gyre.Http.Protocol;

namespace Gyre.Http.Fields;

/// <summary>
/// Finds the client behind proxies, from <c>Forwarded</c> (RFC 7239) or from the older <c>X-Forwarded-For</c>, <c>-Proto</c>
/// and <c>-Host</c>; never from both. Elements are taken from the right, each the word of the address found so far, which
/// must be a trusted proxy; the first address that isn't one is the client. At what can't be read, or is hidden
/// (<c>unknown</c>, <c>_name</c>), the walk ends and keeps what it knows. A scheme or host that a farther proxy doesn't tell
/// is that of the nearer one.
/// </summary>
internal static class ForwardedReader
{
    /// <summary>The bound of the bound: no chain of one's own proxies is longer.</summary>
    internal const int HopsLimit = 16;

    /// <summary>Walks <c>Forwarded</c>.</summary>
    /// <param name="headers">Of the request.</param>
    /// <param name="peer">The other end of the connection.</param>
    /// <param name="trusted">Whom to believe.</param>
    /// <param name="parts">What to believe; without the address only the nearest proxy is asked.</param>
    /// <param name="hopsMax">How many proxies to believe, at most <see cref="HopsLimit"/>.</param>
    internal static ForwardedClient Read(
        FieldSection headers, IPEndPoint peer, TrustedProxies trusted, ForwardedParts parts, int hopsMax)
    {
        ForwardedClient client = Start(peer);
        Span<(int, int, int)> room = stackalloc (int, int, int)[Math.Clamp(hopsMax, 0, HopsLimit)];
        ListTail list = new(headers, "Forwarded"u8, hasQuotes: true, room);
        while (CanGoOn(client, trusted, room.Length))
        {
            ReadOnlySpan<byte> element = ListTail.Text(headers, list.Find(client.Hops));
            if (element.IsEmpty)
            {
                break;
            }

            Pairs pairs = default;
            if (!pairs.TryRead(element) || !TryTake(ref client, parts, pairs.For, pairs.Proto, pairs.Host, isLoose: false))
            {
                client.IsMalformed = true;
            }
        }

        return client;
    }

    /// <summary>
    /// Walks <c>X-Forwarded-For</c>, <c>X-Forwarded-Proto</c> and <c>X-Forwarded-Host</c> side by side. A scheme or host
    /// list that is shorter, as where each proxy overwrites it, is at its end for the farther proxies.
    /// </summary>
    /// <inheritdoc cref="Read"/>
    internal static ForwardedClient ReadX(
        FieldSection headers, IPEndPoint peer, TrustedProxies trusted, ForwardedParts parts, int hopsMax)
    {
        ForwardedClient client = Start(peer);
        int hops = Math.Clamp(hopsMax, 0, HopsLimit);
        Span<(int, int, int)> room = stackalloc (int, int, int)[hops * 3];
        ListTail addresses = new(headers, "X-Forwarded-For"u8, hasQuotes: false, room[..hops]);
        ListTail schemes = new(headers, "X-Forwarded-Proto"u8, hasQuotes: false, room.Slice(hops, hops));
        ListTail hosts = new(headers, "X-Forwarded-Host"u8, hasQuotes: false, room[(hops * 2)..]);
        while (CanGoOn(client, trusted, hops))
        {
            ReadOnlySpan<byte> address = ListTail.Text(headers, addresses.Find(client.Hops));
            ReadOnlySpan<byte> scheme = ListTail.Text(headers, schemes.Find(client.Hops));
            ReadOnlySpan<byte> host = ListTail.Text(headers, hosts.Find(client.Hops));
            if (address.IsEmpty && scheme.IsEmpty && host.IsEmpty)
            {
                break;
            }

            client.IsMalformed = !TryTake(ref client, parts, address, scheme, host, isLoose: true);
        }

        return client;
    }

    private static ForwardedClient Start(IPEndPoint peer) =>
        new() { Address = TrustedProxies.Plain(peer.Address), Port = peer.Port };

    private static bool CanGoOn(ForwardedClient client, TrustedProxies trusted, int hopsMax) =>
        !client.IsMalformed && !client.IsHidden && client.Hops < hopsMax && trusted.Contains(client.Address);

    // All of an element is checked before any of it is believed.
    private static bool TryTake(
        ref ForwardedClient client,
        ForwardedParts parts,
        ReadOnlySpan<byte> node,
        ReadOnlySpan<byte> scheme,
        ReadOnlySpan<byte> host,
        bool isLoose)
    {
        IPAddress? address = null;
        int port = 0;
        if (!node.IsEmpty && !TryParseNode(node, isLoose, out address, out port))
        {
            return false;
        }

        bool isHttps = System.Text.Ascii.EqualsIgnoreCase(scheme, "https"u8);
        bool isScheme = isHttps || System.Text.Ascii.EqualsIgnoreCase(scheme, "http"u8);
        if ((!scheme.IsEmpty && !isScheme) || (!host.IsEmpty && !HostSyntax.TryParse(host, out _, out _)))
        {
            return false;
        }

        if (isScheme && parts.HasFlag(ForwardedParts.Proto))
        {
            client.Scheme = isHttps ? "https"u8 : "http"u8;
        }

        if (!host.IsEmpty && parts.HasFlag(ForwardedParts.Host))
        {
            client.Host = host;
        }

        client.Hops++;
        client.IsHidden = address is null || !parts.HasFlag(ForwardedParts.For);
        if (!client.IsHidden)
        {
            client.Address = TrustedProxies.Plain(address!);
            client.Port = port;
        }

        return true;
    }

    // RFC 7239 section 6: an IPv4 address, an IPv6 address in brackets, "unknown" or an obfuscated name, and a port, which
    // may be obfuscated too. X-Forwarded-For has no grammar: there IPv6 also stands without brackets, and then no port.
    private static bool TryParseNode(ReadOnlySpan<byte> node, bool isLoose, out IPAddress? address, out int port)
    {
        port = 0;
        if (isLoose && AddressText.TryParseIPv6(node, out address))
        {
            return true;
        }

        address = null;
        bool isBracketed = node[0] == (byte)'[';
        int length = isBracketed ? node.IndexOf((byte)']') + 1 : node.IndexOf((byte)':') is >= 0 and int colon ? colon : node.Length;
        if (length == 0)
        {
            return false;
        }

        ReadOnlySpan<byte> name = node[..length];
        bool isName = isBracketed ? AddressText.TryParseIPv6(name[1..^1], out address)
            : AddressText.TryParseIPv4(name, out address) || IsObfuscated(name) || System.Text.Ascii.EqualsIgnoreCase(name, "unknown"u8);
        ReadOnlySpan<byte> rest = node[length..];
        return isName && (rest.IsEmpty
            || (rest[0] == (byte)':' && (AddressText.TryParsePort(rest[1..], out port) || IsObfuscated(rest[1..]))));
    }

    private static bool IsObfuscated(ReadOnlySpan<byte> text) =>
        text.Length > 1 && text[0] == (byte)'_' && !text[1..].ContainsAnyExcept(ByteClasses.HostName) && !text.Contains((byte)'~');

    /// <summary>The pairs of an element, RFC 7239 section 4: each name once at most.</summary>
    private ref struct Pairs
    {
        internal ReadOnlySpan<byte> For;
        internal ReadOnlySpan<byte> Proto;
        internal ReadOnlySpan<byte> Host;

        internal bool TryRead(ReadOnlySpan<byte> element)
        {
            ParameterReader parameters = new(element, startsWithName: true);
            while (parameters.MoveNext())
            {
                ReadOnlySpan<byte> name = parameters.Name;
                bool isSet = System.Text.Ascii.EqualsIgnoreCase(name, "for"u8) ? TrySet(ref For, parameters.Value)
                    : System.Text.Ascii.EqualsIgnoreCase(name, "proto"u8) ? TrySet(ref Proto, parameters.Value)
                    : !System.Text.Ascii.EqualsIgnoreCase(name, "host"u8) || TrySet(ref Host, parameters.Value);
                if (!isSet)
                {
                    return false;
                }
            }

            return !parameters.IsMalformed;
        }

        // None of the three may hold a byte that needs an escape.
        private static bool TrySet(ref ReadOnlySpan<byte> field, ReadOnlySpan<byte> value)
        {
            ReadOnlySpan<byte> plain = value[0] == (byte)'"' ? value[1..^1] : value;
            bool isRight = field.IsEmpty && !plain.IsEmpty && !plain.Contains((byte)'\\');
            field = plain;
            return isRight;
        }
    }
}
