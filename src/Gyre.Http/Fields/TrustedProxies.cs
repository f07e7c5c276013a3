using System.Net;

namespace Gyre.Http.Fields;

/// <summary>The networks whose word about a client is believed.</summary>
internal sealed class TrustedProxies
{
    private readonly IPNetwork[] _networks;

    internal TrustedProxies(IEnumerable<IPNetwork> networks) => _networks = [.. networks];

    /// <summary>Whether an address is in one of them. IPv4 that comes as IPv6 (<c>::ffff:…</c>) counts as IPv4.</summary>
    internal bool Contains(IPAddress address)
    {
        IPAddress plain = Plain(address);
        foreach (IPNetwork network in _networks)
        {
            if (network.Contains(plain))
            {
                return true;
            }
        }

        return false;
    }

    internal static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
