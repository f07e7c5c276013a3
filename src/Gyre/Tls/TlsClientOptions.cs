using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Gyre.Tls;

/// <summary>How a client does its TLS handshakes. May be shared by connections and loops.</summary>
public sealed record TlsClientOptions
{
    /// <summary>
    /// The host that is meant, which the server's certificate must be for; also sent to it (SNI) when it is a name. Needed.
    /// </summary>
    public required string TargetHost
    {
        get;
        init
        {
            ArgumentException.ThrowIfNullOrEmpty(value);
            field = value;
        }
    }

    /// <summary>The only roots that the server's certificate may lead to. Default null: those of the system. Revocation isn't looked up.</summary>
    public X509Certificate2Collection? TrustedRoots { get; init; }

    /// <summary>
    /// Decides about the server's certificate, knowing what is wrong with it. Default null: it must be without a fault. Runs on the
    /// loop and must not block. One that always says true talks to whoever answers.
    /// </summary>
    public Func<X509Certificate2?, X509Chain?, SslPolicyErrors, bool>? ServerCertificateValidation { get; init; }

    /// <summary>Shown to a server that asks for a certificate. Default null: none.</summary>
    public TlsCertificateSource? Certificate { get; init; }

    /// <summary>TLS 1.2, 1.3 or (the default) both.</summary>
    /// <exception cref="ArgumentException">Older ones were asked for (RFC 8996), or None.</exception>
    public SslProtocols EnabledProtocols
    {
        get;
        init => field = TlsRules.Verified(value);
    } = TlsRules.Protocols;

    /// <summary>Protocols to offer by ALPN (RFC 7301), the favourite first. Default none.</summary>
    public IReadOnlyList<SslApplicationProtocol> ApplicationProtocols { get; init; } = [];

    /// <summary>
    /// For the whole handshake, from the call to its end. Default 10 s, as the server's; <see cref="Timeout.InfiniteTimeSpan"/> waits
    /// for ever for a server that accepts and says nothing.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Not positive.</exception>
    public TimeSpan HandshakeTimeout
    {
        get;
        init => field = TlsRules.Verified(value);
    } = TimeSpan.FromSeconds(10);

    /// <summary>Whether to resume an earlier session with the same host, which lets the server link the two. Default true.</summary>
    public bool AllowResumption { get; init; } = true;

    internal SslClientAuthenticationOptions ForHandshake(TimeProvider clock) => new()
    {
        TargetHost = TargetHost,
        EnabledSslProtocols = EnabledProtocols,
        ApplicationProtocols = TlsRules.List(ApplicationProtocols),
        AllowRenegotiation = false,
        AllowTlsResume = AllowResumption,
        ClientCertificateContext = Certificate?.Fresh(clock).Context,
        CertificateChainPolicy = TlsRules.ChainPolicy(TrustedRoots),
        RemoteCertificateValidationCallback = ServerCertificateValidation is { } validation
            ? (_, certificate, chain, errors) => validation(certificate as X509Certificate2, chain, errors)
            : null,
    };
}
