using System.Diagnostics;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Gyre.Tls;

/// <summary>A certificate with its key and the chain that is sent with it, made once and shared by all handshakes and loops.</summary>
/// <remarks>
/// The chain is what the file holds besides the certificate itself, completed from the system's stores; nothing is fetched from the
/// network. Sessions are resumed as long as the same object is used. Any thread.
/// </remarks>
[DebuggerDisplay("{ToString(),nq}")]
public sealed class TlsCertificate : TlsCertificateSource
{
    private TlsCertificate(X509Certificate2 certificate, X509Certificate2Collection? chain)
    {
        if (!certificate.HasPrivateKey)
        {
            throw new ArgumentException(
                $"The certificate of {certificate.Subject} comes without its private key, which a handshake needs.", nameof(certificate));
        }

        Certificate = certificate;
        Context = SslStreamCertificateContext.Create(certificate, chain, offline: true);
    }

    /// <summary>The certificate itself. It isn't disposed, because handshakes of any loop may be using it.</summary>
    public X509Certificate2 Certificate { get; }

    /// <inheritdoc/>
    public override TlsCertificate Current => this;

    /// <summary>With the chain, and with OpenSSL's session keys: a session can be resumed by handshakes of the same context.</summary>
    internal SslStreamCertificateContext Context { get; }

    /// <summary>From a certificate in memory, which has its private key.</summary>
    /// <param name="certificate">The certificate; it must live as long as this object is used.</param>
    /// <param name="chain">Intermediate certificates to send with it; null for those of the system's stores.</param>
    /// <exception cref="ArgumentException">The private key is missing.</exception>
    public static TlsCertificate From(X509Certificate2 certificate, X509Certificate2Collection? chain = null)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return new TlsCertificate(certificate, chain);
    }

    /// <summary>From PEM files (RFC 7468), as certbot and openssl write them. Reads them at once, blocking.</summary>
    /// <param name="certificatePath">The certificate first, then those between it and the root.</param>
    /// <param name="keyPath">The private key; null when it is in the same file.</param>
    /// <param name="password">Of an encrypted key (PKCS#8); null for a plain one.</param>
    /// <exception cref="IOException">A file can't be read.</exception>
    /// <exception cref="CryptographicException">
    /// A file isn't PEM, the key belongs to another certificate, or the password is wrong; the message names the file.
    /// </exception>
    public static TlsCertificate FromPemFiles(string certificatePath, string? keyPath = null, string? password = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(certificatePath);
        try
        {
            X509Certificate2 leaf = password is null
                ? X509Certificate2.CreateFromPemFile(certificatePath, keyPath)
                : X509Certificate2.CreateFromEncryptedPemFile(certificatePath, password, keyPath);
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(certificatePath);
            chain.RemoveAt(0);
            return new TlsCertificate(WithLastingKey(leaf), chain);
        }
        catch (Exception fault) when (fault is CryptographicException or ArgumentException)
        {
            throw new CryptographicException(
                $"No certificate with its key can be made of '{certificatePath}' and '{keyPath ?? certificatePath}': " +
                $"{Explain(certificatePath, keyPath, password)}{fault.Message}", fault);
        }
    }

    /// <summary>From a PFX (PKCS#12) file. Reads it at once, blocking.</summary>
    /// <param name="path">The file; certificates in it besides the one with a key are sent as its chain.</param>
    /// <param name="password">Null for none.</param>
    /// <exception cref="IOException">The file can't be read.</exception>
    /// <exception cref="CryptographicException">The file isn't PKCS#12, holds no key, or the password is wrong; the message names the file.</exception>
    public static TlsCertificate FromPfx(string path, string? password = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        byte[] bytes = File.ReadAllBytes(path);
        try
        {
            X509Certificate2Collection all = X509CertificateLoader.LoadPkcs12Collection(bytes, password);
            X509Certificate2 leaf = all.FirstOrDefault(static certificate => certificate.HasPrivateKey)
                ?? throw new CryptographicException("it holds no private key.");
            all.Remove(leaf);
            return new TlsCertificate(leaf, all);
        }
        catch (CryptographicException fault)
        {
            throw new CryptographicException($"No certificate with its key can be made of '{path}': {fault.Message}", fault);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"TlsCertificate {Certificate.Subject}, valid until {Certificate.NotAfter:u}";

    /// <summary>The likely cause, where the files tell it: the BCL names three at once, and its own parameters.</summary>
    private static string Explain(string certificatePath, string? keyPath, string? password)
    {
        if (!File.ReadAllText(certificatePath).Contains("BEGIN CERTIFICATE-----", StringComparison.Ordinal))
        {
            return $"there is no certificate in '{certificatePath}'. ";
        }

        string key = File.ReadAllText(keyPath ?? certificatePath);
        if (!key.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
        {
            return keyPath is null ? "there is no private key in it: pass keyPath. " : $"there is no private key in '{keyPath}'. ";
        }

        return (key.Contains("ENCRYPTED", StringComparison.Ordinal), password) switch
        {
            (true, null) => "the private key is encrypted: pass its password. ",
            (true, _) => "is the password right? ",
            (false, not null) => "the private key isn't encrypted: pass no password. ",
            _ => "",
        };
    }

    /// <summary>Windows' TLS doesn't take the passing keys that PEM files give; a round through PKCS#12 makes one that it takes.</summary>
    internal static X509Certificate2 WithLastingKey(X509Certificate2 certificate)
    {
        if (!OperatingSystem.IsWindows())
        {
            return certificate;
        }

        using (certificate)
        {
            return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), password: null);
        }
    }
}
