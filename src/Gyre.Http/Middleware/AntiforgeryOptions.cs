using Gyre.Http.Server;
using Microsoft.AspNetCore.DataProtection;

namespace Gyre.Http;

/// <summary>How <see cref="Antiforgery"/> tells a page's own requests from those that another site makes a browser send.</summary>
public sealed record AntiforgeryOptions
{
    /// <summary>The keys that tokens are made with; kept and shared as those of <see cref="SignedCookies"/>. There is no default.</summary>
    /// <exception cref="ArgumentNullException">Null.</exception>
    public required IDataProtectionProvider Provider { get; init => field = OptionRules.NotNull(value); }

    /// <summary>
    /// The cookie; default <c>gyre-csrf</c>. Over https it is called <c>__Host-gyre-csrf</c>, which no other host of the domain can set.
    /// </summary>
    /// <exception cref="ArgumentException">Not a token.</exception>
    public string CookieName { get; init => field = OptionRules.Token(value); } = "gyre-csrf";

    /// <summary>The header that scripts send the token in; default <c>X-CSRF-Token</c>.</summary>
    /// <exception cref="ArgumentException">Not a token.</exception>
    public string HeaderName { get; init => field = OptionRules.Token(value); } = "X-CSRF-Token";

    /// <summary>
    /// Names the user that a request comes from, so that a token is good for that user alone; default null: for whoever has the cookie.
    /// Risk of null: over http another host of the domain may plant a cookie and token of its own.
    /// </summary>
    public Func<HttpContext, string?>? UserId { get; init; }

    /// <summary>
    /// Other origins, such as <c>https://admin.example.org</c>, from which requests may come; they need a token all the same. Default none.
    /// </summary>
    /// <exception cref="ArgumentException">One isn't <c>scheme://host</c> or <c>scheme://host:port</c>.</exception>
    public IReadOnlyList<string> TrustedOrigins { get; init => field = OptionRules.Origins(value); } = [];

    /// <summary>
    /// Whether a form (<c>application/x-www-form-urlencoded</c>, <c>multipart/form-data</c>) without the header passes, for its handler to
    /// check the token among its fields by <see cref="Antiforgery.IsValid"/>; default false. Risk of true: a handler that forgets.
    /// </summary>
    public bool LeavesFormsToHandlers { get; init; }

    /// <summary>How long a token is good for; default 12 h, so that a page left open over a working day still does. Risk of more: little.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not positive.</exception>
    public TimeSpan Lifetime
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero, nameof(Lifetime));
            field = value;
        }
    } = TimeSpan.FromHours(12);
}
