namespace Gyre.Http.Protocol;

/// <summary>What is to become of the connection after a response.</summary>
public enum ResponseVerdict : byte
{
    /// <summary>The connection may carry another request, once the current one is read to its end.</summary>
    KeepAlive,

    /// <summary>The response is whole; close when it is sent.</summary>
    Close,

    /// <summary>
    /// Fewer body bytes were written than <c>Content-Length</c> promised: close at once, with a reset if possible, so
    /// that the peer doesn't take the part for the whole.
    /// </summary>
    Incomplete,

    /// <summary>The connection no longer speaks HTTP/1.1: 101, or 2xx to CONNECT.</summary>
    Tunnel,
}
