using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gyre.Tls;

namespace Gyre.Tests;

/// <summary>Certificates from files, and files that change.</summary>
public sealed class CertificateTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gyre-tls");

    private string CertificatePath => Path.Combine(_folder.FullName, "cert.pem");

    private string KeyPath => Path.Combine(_folder.FullName, "key.pem");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Pem_files()
    {
        TlsPair.Certificate.WritePem(CertificatePath, KeyPath);
        Serves(TlsCertificate.FromPemFiles(CertificatePath, KeyPath), TlsPair.Certificate);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(KeyPath));
        }
    }

    [Fact]
    public void One_pem_file_with_a_chain()
    {
        TlsPair.Certificate.WritePem(CertificatePath, KeyPath);
        File.AppendAllText(CertificatePath, DevelopmentCertificate.Create().Certificate.ExportCertificatePem() + "\n" + File.ReadAllText(KeyPath));
        Serves(TlsCertificate.FromPemFiles(CertificatePath), TlsPair.Certificate);
    }

    [Fact]
    public void An_encrypted_key()
    {
        using ECDsa key = TlsPair.Certificate.Certificate.GetECDsaPrivateKey()!;
        TlsPair.Certificate.WritePem(CertificatePath);
        File.WriteAllText(
            KeyPath, key.ExportEncryptedPkcs8PrivateKeyPem("secret", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)));
        Serves(TlsCertificate.FromPemFiles(CertificatePath, KeyPath, "secret"), TlsPair.Certificate);
        VerifyRefused("is the password right?", KeyPath, "wrong");
        VerifyRefused("the private key is encrypted: pass its password", KeyPath);
    }

    [Fact]
    public void What_pem_files_lack_is_named()
    {
        TlsPair.Certificate.WritePem(CertificatePath);
        VerifyRefused("there is no private key in it: pass keyPath");
        File.Copy(CertificatePath, KeyPath);
        VerifyRefused($"there is no private key in '{KeyPath}'", KeyPath);
        File.Delete(KeyPath);
        TlsPair.Certificate.WritePem(CertificatePath, KeyPath);
        VerifyRefused("the private key isn't encrypted: pass no password", KeyPath, "secret");
        File.Copy(KeyPath, CertificatePath, overwrite: true);
        VerifyRefused($"there is no certificate in '{CertificatePath}'", KeyPath);
    }

    [Fact]
    public void Pfx()
    {
        string path = Path.Combine(_folder.FullName, "cert.pfx");
        File.WriteAllBytes(path, TlsPair.Certificate.Certificate.Export(X509ContentType.Pkcs12, "secret"));
        Serves(TlsCertificate.FromPfx(path, "secret"), TlsPair.Certificate);
        Assert.Contains(path, Assert.ThrowsAny<CryptographicException>(() => TlsCertificate.FromPfx(path, "wrong")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Faults_name_the_file()
    {
        Assert.ThrowsAny<IOException>(() => TlsCertificate.FromPemFiles(CertificatePath, KeyPath));
        TlsPair.Certificate.WritePem(CertificatePath);
        DevelopmentCertificate.Create().WritePem(Path.Combine(_folder.FullName, "other.pem"), KeyPath);
        Assert.Contains(
            CertificatePath,
            Assert.ThrowsAny<CryptographicException>(() => TlsCertificate.FromPemFiles(CertificatePath, KeyPath)).Message,
            StringComparison.Ordinal);
        using X509Certificate2 bare = X509CertificateLoader.LoadCertificate(TlsPair.Certificate.Certificate.RawData);
        Assert.Contains("private key", Assert.Throws<ArgumentException>(() => TlsCertificate.From(bare)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Changed_files_are_taken_at_the_next_handshake()
    {
        TlsPair.Certificate.WritePem(CertificatePath, KeyPath);
        ReloadableCertificate reloadable = Reloadable(TimeSpan.Zero, static _ => { });
        Serves(reloadable, TlsPair.Certificate);
        Serves(reloadable, TlsPair.Certificate);
        Assert.Equal(0, reloadable.Reloads);
        DevelopmentCertificate renewed = Renew(minutes: 1);
        Serves(reloadable, renewed);
        Serves(reloadable, renewed);
        Assert.Equal(1, reloadable.Reloads);
    }

    [Fact]
    public void Within_the_interval_nobody_looks()
    {
        TlsPair.Certificate.WritePem(CertificatePath, KeyPath);
        ReloadableCertificate reloadable = Reloadable(TimeSpan.FromHours(1), static _ => { });
        Serves(reloadable, TlsPair.Certificate);
        DevelopmentCertificate renewed = Renew(minutes: 1);
        Serves(reloadable, TlsPair.Certificate);
        Assert.True(reloadable.Reload());
        Serves(reloadable, renewed);
    }

    [Fact]
    public void Broken_files_leave_the_old_certificate_and_are_told_of_once()
    {
        TlsPair.Certificate.WritePem(CertificatePath, KeyPath);
        var failures = new List<Exception>();
        ReloadableCertificate reloadable = Reloadable(TimeSpan.Zero, failures.Add);
        File.WriteAllText(CertificatePath, "no certificate");
        File.SetLastWriteTimeUtc(CertificatePath, DateTime.UnixEpoch);
        Serves(reloadable, TlsPair.Certificate);
        Serves(reloadable, TlsPair.Certificate);
        Assert.Contains(CertificatePath, Assert.Single(failures).Message, StringComparison.Ordinal);
        File.Delete(KeyPath);
        Serves(reloadable, TlsPair.Certificate);
        Assert.Equal(2, failures.Count);
        Assert.False(reloadable.Reload());
        Serves(reloadable, Renew(minutes: 2));
    }

    [Fact]
    public void A_development_certificate_is_for_a_year_and_for_this_machine()
    {
        X509Certificate2 certificate = DevelopmentCertificate.Create("*.example.test", "10.0.0.1").Certificate;
        Assert.InRange((certificate.NotAfter - certificate.NotBefore).TotalDays, 365, 367);
        foreach (string host in (string[])["localhost", "127.0.0.1", "::1", "a.example.test", "10.0.0.1"])
        {
            Assert.True(certificate.MatchesHostname(host), host);
        }

        Assert.Throws<ArgumentException>(() => DevelopmentCertificate.Create(""));
    }

    private void VerifyRefused(string reason, string? keyPath = null, string? password = null)
    {
        CryptographicException error = Assert.ThrowsAny<CryptographicException>(
            () => TlsCertificate.FromPemFiles(CertificatePath, keyPath, password));
        Assert.Contains(keyPath ?? CertificatePath, error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    private static void Serves(TlsCertificateSource source, DevelopmentCertificate expected) => OnLoop.Run(async () =>
    {
        await using TlsPair pair = await TlsPair.ConnectAsync(new TlsServerOptions { Certificate = source }, expected.ToClientOptions());
        Assert.Equal(expected.Certificate.Thumbprint, pair.Client.RemoteCertificate?.Thumbprint);
    });

    private ReloadableCertificate Reloadable(TimeSpan interval, Action<Exception> onFailure)
    {
        var reloadable = ReloadableCertificate.FromPemFiles(CertificatePath, KeyPath);
        reloadable.CheckInterval = interval;
        reloadable.OnFailure = onFailure;
        return reloadable;
    }

    /// <summary>The clock of a file system may be too coarse to tell two writes of one test apart.</summary>
    private DevelopmentCertificate Renew(int minutes)
    {
        DevelopmentCertificate renewed = DevelopmentCertificate.Create();
        renewed.WritePem(CertificatePath, KeyPath);
        File.SetLastWriteTimeUtc(CertificatePath, DateTime.UnixEpoch.AddMinutes(minutes));
        return renewed;
    }
}
