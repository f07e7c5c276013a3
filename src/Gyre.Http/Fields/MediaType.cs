namespace Gyre.Http.Fields;

/// <summary>A content type that files are served with.</summary>
/// <param name="ContentType">The value of <c>Content-Type</c>, RFC 9110 section 8.3, with its charset if it has one.</param>
/// <param name="IsCompressible">Whether compressing it saves bytes; not so for what is compressed already.</param>
public readonly record struct MediaType(string ContentType, bool IsCompressible);
