namespace Gyre.Http.Protocol;

/// <summary>
/// The versions that the reader accepts. Everything else that is spelled as a version, <c>HTTP/1.2</c> included, is
/// answered with 505: no such version exists, and a peer that claims one may frame by rules that we don't know.
/// </summary>
public enum ProtocolVersion : byte
{
    /// <summary>HTTP/1.0, RFC 1945: closes by default, knows no chunks and no interim responses.</summary>
    Http10,

    /// <summary>HTTP/1.1, RFC 9112.</summary>
    Http11,
}
