using System.Net;

namespace Gyre.Http.Fields;

/// <summary>What a proxy says of the connection it relays.</summary>
/// <param name="Source">
/// The client; <see langword="null"/> when the proxy speaks for itself (LOCAL, a health check) or for something without an IP
/// address (UNKNOWN, UNSPEC, a Unix socket): then the connection's own ends count.
/// </param>
/// <param name="Destination">What the client connected to; <see langword="null"/> together with the source.</param>
/// <param name="IsLocal">Whether the proxy speaks for itself.</param>
internal readonly record struct ProxyHeader(IPEndPoint? Source, IPEndPoint? Destination, bool IsLocal);
