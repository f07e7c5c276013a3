using System.Net;
using Gyre.Http.Server;
using Gyre.Tls;

namespace Gyre.Http;

/// <summary>Where a server listens, and what stands before HTTP there: TLS, a proxy that tells its clients.</summary>
public sealed record HttpEndpoint
{
    /// <summary>Makes one for an address and port.</summary>
    /// <param name="address">Port 0 lets the system pick; <see cref="IPAddress.IPv6Any"/> takes IPv4 too.</param>
    public HttpEndpoint(IPEndPoint address)
    {
        ArgumentNullException.ThrowIfNull(address);
        Address = address;
    }

    /// <summary>The address and port.</summary>
    public IPEndPoint Address { get; }

    /// <summary>
    /// What the endpoint is called for whoever passes its listening socket on: systemd's <c>FileDescriptorName=</c>, and the hand-over
    /// to a new process. Default: its address as written.
    /// </summary>
    public string Name
    {
        get => field ?? $"{(IsHttps ? "https" : "http")}://{Address}";
        init;
    }

    /// <summary>The name as those who pass sockets on can take it: colons separate their names.</summary>
    internal string ListenerName => Name.Replace(':', '-');

    /// <summary>
    /// Whether connections speak TLS. Set by an <c>https</c> URL; then <see cref="Tls"/> or <see cref="HttpServerOptions.Tls"/> is needed.
    /// </summary>
    public bool IsHttps { get; init; }

    /// <summary>How connections speak TLS; null takes <see cref="HttpServerOptions.Tls"/> where <see cref="IsHttps"/> is set.</summary>
    public TlsServerOptions? Tls
    {
        get;
        init
        {
            field = value;
            IsHttps |= value is not null;
        }
    }

    /// <summary>
    /// The networks of the proxies that begin each connection with a header of the PROXY protocol, version 1 or 2, which names the
    /// client; from them it is mandatory, from everybody else it isn't understood. Default: none. Risk of a network too wide:
    /// whoever is in it can pass for any client.
    /// </summary>
    /// <exception cref="ArgumentNullException">Null.</exception>
    public IReadOnlyList<IPNetwork> ProxyProtocolFrom { get; init => field = OptionRules.NotNull(value); } = [];

    /// <summary>The endpoint of a URL.</summary>
    /// <param name="url">
    /// For example <c>http://127.0.0.1:8080</c> or <c>https://*:443</c>; port 0 lets the system pick; <c>localhost</c> is 127.0.0.1 alone.
    /// </param>
    /// <exception cref="ArgumentException">Not such a URL.</exception>
    public static HttpEndpoint Parse(string url) => new(ListenUrl.Parse(url, out bool isHttps)) { IsHttps = isHttps };

    /// <inheritdoc/>
    public override string ToString() => Name;
}
