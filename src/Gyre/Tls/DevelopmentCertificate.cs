using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Gyre.Tls;

/// <summary>
/// A self-signed certificate made on the spot, for development and tests: ECDSA P-256, for localhost, 127.0.0.1, ::1 and what is
/// asked for, valid for a year. Nobody trusts it unless told to.
/// </summary>
public sealed class DevelopmentCertificate : TlsCertificateSource
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private static readonly TimeSpan s_validity = TimeSpan.FromDays(365);

    /// <summary>Machines whose clocks disagree a little are to agree that it is valid.</summary>
    private static readonly TimeSpan s_validBefore = TimeSpan.FromDays(1);

    private DevelopmentCertificate(X509Certificate2 certificate) => Current = TlsCertificate.From(certificate);

    /// <inheritdoc/>
    public override TlsCertificate Current { get; }

    /// <summary>The certificate with its key.</summary>
    public X509Certificate2 Certificate => Current.Certificate;

    /// <summary>Makes a key and a certificate for it. Takes a millisecond; any thread.</summary>
    /// <param name="hosts">Names and addresses besides localhost, 127.0.0.1 and ::1; a name may begin with <c>*.</c>.</param>
    /// <exception cref="ArgumentException">A host is empty.</exception>
    public static DevelopmentCertificate Create(params string[] hosts)
    {
        ArgumentNullException.ThrowIfNull(hosts);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Gyre development", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        foreach (string host in hosts.Union(["localhost", "127.0.0.1", "::1"], StringComparer.OrdinalIgnoreCase))
        {
            ArgumentException.ThrowIfNullOrEmpty(host, nameof(hosts));
            if (IPAddress.TryParse(host, out IPAddress? address))
            {
                names.AddIpAddress(address);
            }
            else
            {
                names.AddDnsName(host);
            }
        }

        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerAuthentication)], critical: false));

        // Real time, not a simulation's: whoever checks the certificate compares with the system's clock.
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        return new DevelopmentCertificate(
            TlsCertificate.WithLastingKey(request.CreateSelfSigned(now - s_validBefore, now + s_validity)));
    }

    /// <summary>Options of a server that shows it, all else as by default.</summary>
    public TlsServerOptions ToServerOptions() => new() { Certificate = this };

    /// <summary>Options of a client that trusts it and nothing else.</summary>
    /// <param name="host">The host to ask for, one that the certificate is for.</param>
    public TlsClientOptions ToClientOptions(string host = "localhost") =>
        new() { TargetHost = host, TrustedRoots = [X509CertificateLoader.LoadCertificate(Certificate.RawData)] };

    /// <summary>Writes the certificate, for <c>curl --cacert</c> and the like, and its key if asked. Blocking.</summary>
    /// <param name="certificatePath">An existing file is replaced.</param>
    /// <param name="keyPath">
    /// Null for none. An existing file is replaced; a new one is readable by its owner only. Whoever reads it can pose as the server.
    /// </param>
    /// <exception cref="IOException">A file can't be written.</exception>
    public void WritePem(string certificatePath, string? keyPath = null)
    {
        File.WriteAllText(certificatePath, Certificate.ExportCertificatePem() + "\n");
        if (keyPath is null)
        {
            return;
        }

        using ECDsa key = Certificate.GetECDsaPrivateKey()!;
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var file = new StreamWriter(keyPath, options);
        file.Write(key.ExportPkcs8PrivateKeyPem() + "\n");
    }
}
