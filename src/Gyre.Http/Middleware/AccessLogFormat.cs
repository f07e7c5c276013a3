namespace Gyre.Http;

/// <summary>How a line of the access log looks.</summary>
public enum AccessLogFormat
{
    /// <summary>NCSA common: <c>client - - [time] "request" status bytes</c>.</summary>
    Common,

    /// <summary>Common, and <c>"referer" "user agent"</c> behind it.</summary>
    Combined,

    /// <summary>
    /// An object of JSON a line: <c>time, client, method, target, version, status, bytes, micros, requestId, referer, userAgent</c>; what
    /// isn't known is null.
    /// </summary>
    Json,
}
