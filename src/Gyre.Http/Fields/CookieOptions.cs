namespace Gyre.Http.Fields;

/// <summary>
/// The attributes of a cookie, RFC 6265 section 4.1. The defaults make a cookie of the session, for the whole host, out of
/// reach of scripts, and not sent with forms of other sites.
/// </summary>
public sealed record CookieOptions
{
    /// <summary>All defaults.</summary>
    public static CookieOptions Default { get; } = new();

    /// <summary>
    /// The domain whose hosts get the cookie too, <c>example.org</c> without a dot in front. By default
    /// <see langword="null"/>: this host alone, which is safer, since any other host of the domain could read and set it.
    /// </summary>
    public string? Domain { get; init; }

    /// <summary>
    /// The path from which on it is sent; begins with <c>/</c>. By default <c>/</c>; <see langword="null"/> means the folder
    /// of the request's path. It keeps nothing secret from other paths.
    /// </summary>
    public string? Path { get; init; } = "/";

    /// <summary>When it ends, to the second. By default <see langword="null"/>: with the browser's session. <see cref="MaxAge"/> outranks it.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>
    /// How long it lasts from now on, in whole seconds, not negative; zero deletes it. By default <see langword="null"/>.
    /// Browsers cut it to 400 days.
    /// </summary>
    public TimeSpan? MaxAge { get; init; }

    /// <summary>Whether it is kept to https; by default when the request came over https.</summary>
    public CookieSecure Secure { get; init; }

    /// <summary>Whether scripts can't see it; by default <see langword="true"/>. A script that can read a session can steal it.</summary>
    public bool HttpOnly { get; init; } = true;

    /// <summary>With which requests from other sites it is sent; by default <see cref="CookieSameSite.Lax"/>.</summary>
    public CookieSameSite SameSite { get; init; }

    /// <summary>
    /// Whether a page that is embedded in another site gets a jar of its own for each such site (CHIPS); by default
    /// <see langword="false"/>. Needs <c>Secure</c>.
    /// </summary>
    public bool Partitioned { get; init; }
}
