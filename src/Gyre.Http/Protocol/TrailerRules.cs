namespace Gyre.Http.Protocol;

/// <summary>
/// What may not be a trailer, in either direction, RFC 9110 section 6.5.1: what a recipient needs before the content.
/// That is framing, routing, request modifiers, authentication, and how to process the content.
/// </summary>
internal static class TrailerRules
{
    internal static readonly ulong Forbidden = Bits(
        KnownHeader.TransferEncoding, KnownHeader.ContentLength, KnownHeader.Connection, KnownHeader.KeepAlive, KnownHeader.TE,
        KnownHeader.Trailer, KnownHeader.Upgrade, KnownHeader.Host, KnownHeader.Forwarded, KnownHeader.XForwardedFor,
        KnownHeader.XForwardedProto, KnownHeader.Via, KnownHeader.MaxForwards, KnownHeader.Expect, KnownHeader.CacheControl,
        KnownHeader.Pragma, KnownHeader.Range, KnownHeader.IfMatch, KnownHeader.IfNoneMatch, KnownHeader.IfRange,
        KnownHeader.IfModifiedSince, KnownHeader.IfUnmodifiedSince, KnownHeader.Authorization, KnownHeader.ProxyAuthorization,
        KnownHeader.Cookie, KnownHeader.SetCookie, KnownHeader.Origin, KnownHeader.ContentEncoding, KnownHeader.ContentType,
        KnownHeader.ContentRange, KnownHeader.Age, KnownHeader.Date, KnownHeader.Expires, KnownHeader.Location,
        KnownHeader.RetryAfter, KnownHeader.Vary);

    internal static bool IsForbidden(KnownHeader header) => (FieldSection.Bit(header) & Forbidden) != 0;

    private static ulong Bits(params ReadOnlySpan<KnownHeader> headers)
    {
        ulong bits = 0;
        foreach (KnownHeader header in headers)
        {
            bits |= FieldSection.Bit(header);
        }

        return bits;
    }
}
