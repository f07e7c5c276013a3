using System.Net;

namespace Gyre.Http.Server;

/// <summary>Reads the addresses that a server is told to listen on.</summary>
internal static class ListenUrl
{
    /// <summary>
    /// The end point of a URL such as <c>http://127.0.0.1:8080</c>, <c>http://[::1]:0</c>, <c>http://localhost:80</c> or
    /// <c>https://*:443</c>.
    /// </summary>
    /// <exception cref="ArgumentException">Not such a URL; the message says what is wrong.</exception>
    public static IPEndPoint Parse(string url, out bool isHttps)
    {
        ArgumentNullException.ThrowIfNull(url);
        if (!Uri.TryCreate(WithAnyAddress(url), UriKind.Absolute, out Uri? uri) || !uri.Scheme.StartsWith("http", StringComparison.Ordinal))
        {
            throw new ArgumentException(
                $"'{url}' is no address to listen on; write it like http://127.0.0.1:8080, with a port from 0 (which picks a free one) to 65535.");
        }

        isHttps = uri.Scheme == "https";
        if (uri.Scheme != "http" && !isHttps)
        {
            throw new ArgumentException($"'{url}' asks for {uri.Scheme}, but this server speaks http and https.");
        }

        if (uri.PathAndQuery != "/" || uri.UserInfo.Length > 0 || uri.Fragment.Length > 0)
        {
            throw new ArgumentException($"'{url}' has more than a host and a port; a server listens on an address, not on a path.");
        }

        return new IPEndPoint(AddressOf(uri, url), uri.Port);
    }

    /// <summary>Other servers write every address as <c>*</c> or <c>+</c>; a URL knows it as the IPv6 address of zeros.</summary>
    private static string WithAnyAddress(string url)
    {
        int host = url.IndexOf("://", StringComparison.Ordinal) + 3;
        bool isAny = host > 2 && host < url.Length && url[host] is '*' or '+';
        return isAny ? $"{url[..host]}[::]{url[(host + 1)..]}" : url;
    }

    private static IPAddress AddressOf(Uri uri, string url)
    {
        // The safe host has the zone of a link-local address, which the plain one leaves out; its % may be escaped (RFC 6874).
        if (IPAddress.TryParse(Uri.UnescapeDataString(uri.DnsSafeHost), out IPAddress? address))
        {
            return address;
        }

        return uri.Host == "localhost"
            ? IPAddress.Loopback
            : throw new ArgumentException($"'{url}' names the host '{uri.Host}'; a server listens on an IP address, localhost, or * for all.");
    }
}
