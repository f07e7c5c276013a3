using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Gyre.Tls;

/// <summary>What options of both sides are held to.</summary>
internal static class TlsRules
{
    public const SslProtocols Protocols = SslProtocols.Tls12 | SslProtocols.Tls13;

    public static SslProtocols Verified(SslProtocols value) => value != SslProtocols.None && (value & ~Protocols) == 0
        ? value
        : throw new ArgumentException(
            $"'{value}' isn't served: TLS 1.2 and 1.3 are (RFC 8996 forbids older ones, and None would leave it to the system).", nameof(value));

    public static TimeSpan Verified(TimeSpan value) => value > TimeSpan.Zero || value == Timeout.InfiniteTimeSpan
        ? value
        : throw new ArgumentOutOfRangeException(
            nameof(value), value, "The handshake's time-out is longer than zero, or Timeout.InfiniteTimeSpan, which lets a silent peer hold the connection.");

    /// <summary>Fresh for each handshake, because a chain uses it up. Nothing is fetched from the network: a loop may not wait for that.</summary>
    public static X509ChainPolicy ChainPolicy(X509Certificate2Collection? roots)
    {
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        if (roots is not null)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(roots);
        }

        return policy;
    }

    public static List<SslApplicationProtocol>? List(IReadOnlyList<SslApplicationProtocol> protocols) =>
        protocols.Count == 0 ? null : [.. protocols];
}
