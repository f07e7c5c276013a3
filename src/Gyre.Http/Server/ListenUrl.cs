using System.Net;

namespace Gyre.Http.Server;

/// <summary>Reads the addresses that a server is told to listen on.</summary>
internal static class ListenUrl
{
    /// <summary>The end point of a URL such as <c>http://127.0.0.1:8080</c>, <c>http://[::1]:0</c>, <c>http://localhost:80</c> or <c>http://*:80</c>.</summary>
    /// <exception cref="ArgumentException">Not such a URL; the message says what is wrong.</exception>
    public static IPEndPoint Parse(string url)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(url);
        bool anyHost = url.Contains("://*", StringComparison.Ordinal) || url.Contains("://+", StringComparison.Ordinal);
        string parsable = anyHost ? url.Replace("://*", "://[::]", StringComparison.Ordinal).Replace("://+", "://[::]", StringComparison.Ordinal) : url;
        if (!Uri.TryCreate(parsable, UriKind.Absolute, out Uri? uri) || uri.Scheme != "http")
        {
            throw new ArgumentException($"'{url}' is no address to listen on; write it like http://127.0.0.1:8080 (port 0 picks one).", nameof(url));
        }

        if (uri.PathAndQuery != "/" || uri.UserInfo.Length > 0)
        {
            throw new ArgumentException($"'{url}' has more than a host and a port; a server listens on an address, not on a path.", nameof(url));
        }

        return new IPEndPoint(AddressOf(uri, url), uri.Port);
    }

    private static IPAddress AddressOf(Uri uri, string url)
    {
        if (IPAddress.TryParse(uri.Host.Trim('[', ']'), out IPAddress? address))
        {
            return address;
        }

        return uri.Host == "localhost"
            ? IPAddress.Loopback
            : throw new ArgumentException(
                $"'{url}' names the host '{uri.Host}'; a server listens on an IP address, localhost, or * for all.", nameof(url));
    }
}
