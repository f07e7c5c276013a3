namespace Gyre.Http.Protocol;

/// <summary>
/// The header names that the reader recognises while it reads, so that finding one of them costs an array access instead
/// of a search. At most 63, so that a set of them is one 64-bit word.
/// </summary>
public enum KnownHeader : byte
{
    /// <summary>Any other name.</summary>
    None,

    /// <summary><c>Accept</c>: RFC 9110 section 12.5.1.</summary>
    Accept,

    /// <summary><c>Accept-Charset</c>: RFC 9110 section 12.5.2.</summary>
    AcceptCharset,

    /// <summary><c>Accept-Encoding</c>: RFC 9110 section 12.5.3.</summary>
    AcceptEncoding,

    /// <summary><c>Accept-Language</c>: RFC 9110 section 12.5.4.</summary>
    AcceptLanguage,

    /// <summary><c>Accept-Ranges</c>: RFC 9110 section 14.3.</summary>
    AcceptRanges,

    /// <summary><c>Access-Control-Request-Headers</c>: the Fetch standard, CORS preflight.</summary>
    AccessControlRequestHeaders,

    /// <summary><c>Access-Control-Request-Method</c>: the Fetch standard, CORS preflight.</summary>
    AccessControlRequestMethod,

    /// <summary><c>Age</c>: RFC 9111 section 5.1.</summary>
    Age,

    /// <summary><c>Allow</c>: RFC 9110 section 10.2.1.</summary>
    Allow,

    /// <summary><c>Authorization</c>: RFC 9110 section 11.6.2.</summary>
    Authorization,

    /// <summary><c>Cache-Control</c>: RFC 9111 section 5.2.</summary>
    CacheControl,

    /// <summary><c>Connection</c>: RFC 9110 section 7.6.1.</summary>
    Connection,

    /// <summary><c>Content-Disposition</c>: RFC 6266.</summary>
    ContentDisposition,

    /// <summary><c>Content-Encoding</c>: RFC 9110 section 8.4.</summary>
    ContentEncoding,

    /// <summary><c>Content-Language</c>: RFC 9110 section 8.5.</summary>
    ContentLanguage,

    /// <summary><c>Content-Length</c>: RFC 9110 section 8.6.</summary>
    ContentLength,

    /// <summary><c>Content-Location</c>: RFC 9110 section 8.7.</summary>
    ContentLocation,

    /// <summary><c>Content-Range</c>: RFC 9110 section 14.4.</summary>
    ContentRange,

    /// <summary><c>Content-Type</c>: RFC 9110 section 8.3.</summary>
    ContentType,

    /// <summary><c>Cookie</c>: RFC 6265 section 4.2.</summary>
    Cookie,

    /// <summary><c>Date</c>: RFC 9110 section 6.6.1.</summary>
    Date,

    /// <summary><c>ETag</c>: RFC 9110 section 8.8.3.</summary>
    ETag,

    /// <summary><c>Expect</c>: RFC 9110 section 10.1.1.</summary>
    Expect,

    /// <summary><c>Expires</c>: RFC 9111 section 5.3.</summary>
    Expires,

    /// <summary><c>Forwarded</c>: RFC 7239.</summary>
    Forwarded,

    /// <summary><c>Host</c>: RFC 9110 section 7.2.</summary>
    Host,

    /// <summary><c>If-Match</c>: RFC 9110 section 13.1.1.</summary>
    IfMatch,

    /// <summary><c>If-Modified-Since</c>: RFC 9110 section 13.1.3.</summary>
    IfModifiedSince,

    /// <summary><c>If-None-Match</c>: RFC 9110 section 13.1.2.</summary>
    IfNoneMatch,

    /// <summary><c>If-Range</c>: RFC 9110 section 13.1.5.</summary>
    IfRange,

    /// <summary><c>If-Unmodified-Since</c>: RFC 9110 section 13.1.4.</summary>
    IfUnmodifiedSince,

    /// <summary><c>Keep-Alive</c>: RFC 9112 section C.2.2.</summary>
    KeepAlive,

    /// <summary><c>Last-Modified</c>: RFC 9110 section 8.8.2.</summary>
    LastModified,

    /// <summary><c>Last-Event-ID</c>: the HTML standard, server-sent events.</summary>
    LastEventId,

    /// <summary><c>Link</c>: RFC 8288.</summary>
    Link,

    /// <summary><c>Location</c>: RFC 9110 section 10.2.2.</summary>
    Location,

    /// <summary><c>Max-Forwards</c>: RFC 9110 section 7.6.2.</summary>
    MaxForwards,

    /// <summary><c>Origin</c>: RFC 6454.</summary>
    Origin,

    /// <summary><c>Pragma</c>: RFC 9111 section 5.4.</summary>
    Pragma,

    /// <summary><c>Priority</c>: RFC 9218.</summary>
    Priority,

    /// <summary><c>Proxy-Authorization</c>: RFC 9110 section 11.7.2.</summary>
    ProxyAuthorization,

    /// <summary><c>Range</c>: RFC 9110 section 14.2.</summary>
    Range,

    /// <summary><c>Referer</c>: RFC 9110 section 10.1.3.</summary>
    Referer,

    /// <summary><c>Retry-After</c>: RFC 9110 section 10.2.3.</summary>
    RetryAfter,

    /// <summary><c>Sec-Fetch-Mode</c>: the W3C's fetch metadata.</summary>
    SecFetchMode,

    /// <summary><c>Sec-Fetch-Site</c>: the W3C's fetch metadata.</summary>
    SecFetchSite,

    /// <summary><c>Sec-WebSocket-Accept</c>: RFC 6455 section 11.3.3.</summary>
    SecWebSocketAccept,

    /// <summary><c>Sec-WebSocket-Extensions</c>: RFC 6455 section 11.3.2.</summary>
    SecWebSocketExtensions,

    /// <summary><c>Sec-WebSocket-Key</c>: RFC 6455 section 11.3.1.</summary>
    SecWebSocketKey,

    /// <summary><c>Sec-WebSocket-Protocol</c>: RFC 6455 section 11.3.4.</summary>
    SecWebSocketProtocol,

    /// <summary><c>Sec-WebSocket-Version</c>: RFC 6455 section 11.3.5.</summary>
    SecWebSocketVersion,

    /// <summary><c>Server</c>: RFC 9110 section 10.2.4.</summary>
    Server,

    /// <summary><c>Set-Cookie</c>: RFC 6265 section 4.1.</summary>
    SetCookie,

    /// <summary><c>TE</c>: RFC 9110 section 10.1.4.</summary>
    TE,

    /// <summary><c>Trailer</c>: RFC 9110 section 6.6.2.</summary>
    Trailer,

    /// <summary><c>Transfer-Encoding</c>: RFC 9112 section 6.1.</summary>
    TransferEncoding,

    /// <summary><c>Upgrade</c>: RFC 9110 section 7.8.</summary>
    Upgrade,

    /// <summary><c>Upgrade-Insecure-Requests</c>: the W3C's mixed-content upgrade.</summary>
    UpgradeInsecureRequests,

    /// <summary><c>User-Agent</c>: RFC 9110 section 10.1.5.</summary>
    UserAgent,

    /// <summary><c>Vary</c>: RFC 9110 section 12.5.5.</summary>
    Vary,

    /// <summary><c>Via</c>: RFC 9110 section 7.6.3.</summary>
    Via,

    /// <summary><c>X-Forwarded-For</c>: by convention; from a trusted proxy only.</summary>
    XForwardedFor,

    /// <summary><c>X-Forwarded-Proto</c>: by convention; from a trusted proxy only.</summary>
    XForwardedProto,
}
