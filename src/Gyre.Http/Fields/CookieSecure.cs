namespace Gyre.Http.Fields;

/// <summary>Whether a cookie gets the <c>Secure</c> attribute, RFC 6265 section 5.2.5: sent back over https only.</summary>
public enum CookieSecure
{
    /// <summary>When the request came over https. The default.</summary>
    Auto,

    /// <summary>Always; right behind a proxy that speaks https for the server. Browsers drop it when they see http.</summary>
    Always,

    /// <summary>Never; whoever listens on the network reads it as soon as the site is visited over http.</summary>
    Never,
}
