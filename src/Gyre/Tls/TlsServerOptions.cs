using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Gyre.Tls;

/// <summary>How a server does its TLS handshakes. May be shared by connections and loops.</summary>
/// <remarks>A certificate is looked for by <see cref="SelectCertificate"/>, then in <see cref="Certificates"/>, then it is <see cref="Certificate"/>.</remarks>
public sealed record TlsServerOptions
{
    private readonly ServerNames? _names;

    /// <summary>
    /// Shown to clients that ask for no host, or for one that nothing else covers. Default null: their handshake fails, which tells
    /// a stranger who only knows the address nothing of what is served here.
    /// </summary>
    public TlsCertificateSource? Certificate { get; init; }

    /// <summary>
    /// Certificates by host (SNI, RFC 6066): <c>example.org</c>, or <c>*.example.org</c> for exactly one more label. Default none.
    /// That a certificate is really for its host isn't checked; a client will.
    /// </summary>
    /// <exception cref="ArgumentException">A key is no such name.</exception>
    public IReadOnlyDictionary<string, TlsCertificateSource> Certificates
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            _names = new ServerNames(value);
            field = value;
        }
    } = new Dictionary<string, TlsCertificateSource>();

    /// <summary>
    /// Asked first, with the host that the client asks for ("" for none); null leaves it to the others. Default null. Runs on the
    /// loop and must not block; what it throws fails the handshake. The host is a stranger's text.
    /// </summary>
    public Func<string, TlsCertificateSource?>? SelectCertificate { get; init; }

    /// <summary>Whether clients are asked for a certificate. Default <see cref="ClientCertificateMode.None"/>.</summary>
    public ClientCertificateMode ClientCertificate { get; init; }

    /// <summary>
    /// The only roots that certificates of clients may lead to. Default null, which leaves the decision to
    /// <see cref="ClientCertificateValidation"/>: the system's roots are never meant, since any of them would vouch for anybody.
    /// Revocation isn't looked up.
    /// </summary>
    public X509Certificate2Collection? TrustedClientRoots { get; init; }

    /// <summary>
    /// Decides about a certificate that a client has shown, knowing what is wrong with it. Default null: it must be without a fault.
    /// Runs on the loop and must not block. One that always says true trusts everybody.
    /// </summary>
    public Func<X509Certificate2, X509Chain?, SslPolicyErrors, bool>? ClientCertificateValidation { get; init; }

    /// <summary>TLS 1.2, 1.3 or (the default) both. TLS 1.2 alone costs a round trip more.</summary>
    /// <exception cref="ArgumentException">Older ones were asked for (RFC 8996), or None.</exception>
    public SslProtocols EnabledProtocols
    {
        get;
        init => field = TlsRules.Verified(value);
    } = TlsRules.Protocols;

    /// <summary>
    /// Protocols to choose from by ALPN (RFC 7301), the server's favourite first. Default none: whatever the client offers is
    /// ignored. With a list, a client that offers only others is refused; one that offers none is served.
    /// </summary>
    public IReadOnlyList<SslApplicationProtocol> ApplicationProtocols { get; init; } = [];

    /// <summary>
    /// For the whole handshake, from the call to its end, however slowly bytes come. Default 10 s, which is many round trips of the
    /// slowest link. Longer lets more idle strangers hold a connection each; <see cref="Timeout.InfiniteTimeSpan"/> lets them all.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Not positive.</exception>
    public TimeSpan HandshakeTimeout
    {
        get;
        init => field = TlsRules.Verified(value);
    } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Whether a client may resume a session by ticket or id, which saves the handshake's costly part. Default true. A ticket's key
    /// lives as long as the process: whoever steals it reads recorded TLS 1.2 sessions that were resumed.
    /// </summary>
    public bool AllowResumption { get; init; } = true;

    /// <summary>
    /// What to send, in plain text, to a client whose first bytes (64 at most are shown) are no TLS handshake, before the connection is
    /// closed; empty for nothing. Default null: nothing. An HTTP server says 400 here. Runs on the loop and must not block.
    /// </summary>
    public Func<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>? PlaintextAnswer { get; init; }

    /// <summary>
    /// Which cipher suites to take. Default null: the system's policy (on Linux OpenSSL's own configuration, which by default still offers
    /// CBC suites of TLS 1.2). A policy costs resumption and a costlier handshake, since the runtime then makes a context for each
    /// connection. Linux; a <see cref="PlatformNotSupportedException"/> of the policy's constructor where there is none.
    /// </summary>
    public CipherSuitesPolicy? CipherSuites { get; init; }

    /// <summary>Refuses what can never lead to a handshake, so that it shows when a server starts and not when its first client comes.</summary>
    /// <exception cref="ArgumentException">There is no certificate, or nothing says which certificates of clients to trust.</exception>
    public void Verify()
    {
        if (Certificate is null && SelectCertificate is null && Certificates.Count == 0)
        {
            throw new ArgumentException(
                "The options name no certificate: set Certificate, Certificates or SelectCertificate. DevelopmentCertificate.Create() makes one.",
                $"options.{nameof(Certificate)}");
        }

        if (ClientCertificate != ClientCertificateMode.None && TrustedClientRoots is null && ClientCertificateValidation is null)
        {
            throw new ArgumentException(
                $"Clients are asked for certificates ({ClientCertificate}), but nothing says which to trust: set {nameof(TrustedClientRoots)} or " +
                $"{nameof(ClientCertificateValidation)}.",
                $"options.{nameof(ClientCertificate)}");
        }
    }

    /// <exception cref="AuthenticationException">There is no certificate for the host.</exception>
    internal SslServerAuthenticationOptions For(string host, TimeProvider clock)
    {
        TlsCertificateSource source = SelectCertificate?.Invoke(host) ?? _names?.Find(host) ?? Certificate
            ?? throw new AuthenticationException(
                host.Length == 0
                    ? "the client asks for no host, and there is no certificate for such clients (TlsServerOptions.Certificate)."
                    : $"there is no certificate for the host '{host}' that the client asks for.");
        bool asks = ClientCertificate != ClientCertificateMode.None;
        return new SslServerAuthenticationOptions
        {
            ServerCertificateContext = source.Fresh(clock).Context,
            EnabledSslProtocols = EnabledProtocols,
            ApplicationProtocols = TlsRules.List(ApplicationProtocols),
            AllowRenegotiation = false,
            AllowTlsResume = AllowResumption,
            CipherSuitesPolicy = CipherSuites,
            ClientCertificateRequired = asks,
            CertificateChainPolicy = asks ? TlsRules.ChainPolicy(TrustedClientRoots) : null,
            RemoteCertificateValidationCallback = asks ? IsClientTrusted : null,
        };
    }

    private bool IsClientTrusted(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is not X509Certificate2 shown)
        {
            return ClientCertificate == ClientCertificateMode.Optional;
        }

        return ClientCertificateValidation?.Invoke(shown, chain, errors) ?? errors == SslPolicyErrors.None;
    }
}
