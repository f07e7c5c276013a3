namespace Gyre.Http.Protocol;

/// <summary>How the end of a body is marked on the wire, RFC 9112 section 6.3.</summary>
public enum BodyFraming : byte
{
    /// <summary>There is no body: the head ends the message.</summary>
    None,

    /// <summary><c>Content-Length</c> bytes.</summary>
    Length,

    /// <summary>Chunks, the last of them empty.</summary>
    Chunked,

    /// <summary>Everything until the connection closes; responses to HTTP/1.0 only.</summary>
    UntilClose,

    /// <summary>After 101, or 2xx to CONNECT: the bytes are no longer HTTP/1.1.</summary>
    Tunnel,
}
