using System.Collections.Frozen;

namespace Gyre.Tls;

/// <summary>Certificates by the host that a client asks for. A wildcard stands for exactly one label (RFC 9525, section 6.3).</summary>
internal sealed class ServerNames
{
    private readonly FrozenDictionary<string, TlsCertificateSource> _byName;

    public ServerNames(IReadOnlyDictionary<string, TlsCertificateSource> certificates)
    {
        foreach ((string name, TlsCertificateSource certificate) in certificates)
        {
            ArgumentNullException.ThrowIfNull(certificate, name);
            Verify(name);
        }

        _byName = certificates.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }

    public TlsCertificateSource? Find(string host)
    {
        host = host.TrimEnd('.');
        if (_byName.TryGetValue(host, out TlsCertificateSource? certificate))
        {
            return certificate;
        }

        int dot = host.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 ? _byName.GetValueOrDefault($"*{host[dot..]}") : null;
    }

    private static void Verify(string name)
    {
        string plain = name.StartsWith("*.", StringComparison.Ordinal) ? name[2..] : name;
        if (Uri.CheckHostName(plain) != UriHostNameType.Dns || plain.EndsWith('.') || plain.Any(static letter => letter > 0x7F))
        {
            throw new ArgumentException(
                $"'{name}' is no host that a client can ask for: it is a name in ASCII (xn--… for others), without a dot at its end, whose first " +
                "label may be *, as in *.example.org.", nameof(name));
        }
    }
}
