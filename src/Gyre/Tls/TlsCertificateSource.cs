namespace Gyre.Tls;

/// <summary>
/// Where the certificate of a handshake comes from: a <see cref="TlsCertificate"/>, which is always itself, a
/// <see cref="ReloadableCertificate"/>, or a <see cref="DevelopmentCertificate"/>. May be shared by loops.
/// </summary>
public abstract class TlsCertificateSource
{
    private protected TlsCertificateSource()
    {
    }

    /// <summary>What the next handshake shows. Any thread; not a checkpoint.</summary>
    public abstract TlsCertificate Current { get; }

    /// <summary>As <see cref="Current"/>, after a look at what it comes from, if one is due by <paramref name="clock"/>.</summary>
    internal virtual TlsCertificate Fresh(TimeProvider clock) => Current;
}
