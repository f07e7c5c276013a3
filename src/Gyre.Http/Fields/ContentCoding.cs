namespace Gyre.Http.Fields;

/// <summary>A content coding, RFC 9110 section 8.4.1.</summary>
internal enum ContentCoding : byte
{
    /// <summary>No transformation.</summary>
    Identity,

    /// <summary><c>gzip</c>, and <c>x-gzip</c> when asked for: RFC 9110 section 8.4.1.3.</summary>
    Gzip,

    /// <summary><c>br</c>: RFC 7932.</summary>
    Brotli,

    /// <summary><c>zstd</c>: RFC 8878, with a window of at most 8 MiB as RFC 9659 asks.</summary>
    Zstandard,

    /// <summary>
    /// Nothing that is offered is acceptable, identity neither: RFC 9110 section 12.5.3 leaves it to the server to send
    /// identity nevertheless or to answer 406.
    /// </summary>
    NotAcceptable,
}
