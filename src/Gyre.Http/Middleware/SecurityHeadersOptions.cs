namespace Gyre.Http;

/// <summary>Which headers <c>UseSecurityHeaders</c> sets.</summary>
public sealed record SecurityHeadersOptions
{
    /// <summary>
    /// How long browsers refuse to speak to the host without encryption, in <c>Strict-Transport-Security</c> (RFC 6797), on responses over
    /// https; whole seconds, not negative; default null: not sent. Risk of a long time: a host that loses its certificate can't be reached
    /// until it has passed. Begin with minutes; a year is usual. Zero takes it back.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public TimeSpan? HstsMaxAge
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value ?? TimeSpan.Zero, TimeSpan.Zero, nameof(HstsMaxAge));
            field = value;
        }
    }

    /// <summary>Whether that holds for all hosts below, too; default false. Risk of true: one of them has no certificate.</summary>
    public bool HstsIncludesSubDomains { get; init; }

    /// <summary>
    /// Whether <c>X-Content-Type-Options: nosniff</c> keeps browsers from guessing types; default true. Risk of false: an upload that is
    /// served as text is run as a script.
    /// </summary>
    public bool NoSniff { get; init; } = true;
}
