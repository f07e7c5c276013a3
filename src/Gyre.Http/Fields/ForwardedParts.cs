namespace Gyre.Http.Fields;

/// <summary>
/// What a trusted proxy is believed about. Name only what the proxy sets or removes in every request: what it passes on
/// untouched, any client can write.
/// </summary>
[Flags]
public enum ForwardedParts
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The client's address: <c>for</c>, RFC 7239 section 5.2, or <c>X-Forwarded-For</c>.</summary>
    For = 1,

    /// <summary>The client's scheme: <c>proto</c>, RFC 7239 section 5.4, or <c>X-Forwarded-Proto</c>.</summary>
    Proto = 2,

    /// <summary>The host the client asked for: <c>host</c>, RFC 7239 section 5.3, or <c>X-Forwarded-Host</c>.</summary>
    Host = 4,
}
