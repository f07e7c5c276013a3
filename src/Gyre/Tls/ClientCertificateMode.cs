namespace Gyre.Tls;

/// <summary>Whether a server asks its clients for a certificate.</summary>
public enum ClientCertificateMode
{
    /// <summary>It doesn't ask.</summary>
    None,

    /// <summary>It asks; a client without one is served all the same, one with an untrusted one is not.</summary>
    Optional,

    /// <summary>It asks, and the handshake with a client without one fails.</summary>
    Required,
}
