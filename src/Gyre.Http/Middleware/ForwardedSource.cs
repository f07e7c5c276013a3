namespace Gyre.Http;

/// <summary>Which headers tell of the client behind a proxy. Never both: an attacker would write the one that the proxy doesn't.</summary>
public enum ForwardedSource
{
    /// <summary><c>X-Forwarded-For</c>, <c>X-Forwarded-Proto</c> and <c>X-Forwarded-Host</c>, as most proxies have them.</summary>
    XForwarded,

    /// <summary><c>Forwarded</c>, RFC 7239.</summary>
    Forwarded,
}
