using System.Net;
using System.Net.Sockets;

namespace Gyre.Samples.Ladder;

/// <summary>What <c>--upstream</c> says.</summary>
internal static class UpstreamAddress
{
    /// <summary>Looks its host up, once: the early stages could only block for it, each time.</summary>
    public static Uri Resolve(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? url) || url.Scheme != Uri.UriSchemeHttp)
        {
            throw new ArgumentException($"'{text}' is no upstream; name one as http://HOST:PORT/.");
        }

        // One family, so that no stage has to try one address after the other.
        IPAddress[] addresses = Dns.GetHostAddresses(url.IdnHost, AddressFamily.InterNetwork);
        return addresses.Length > 0
            ? new UriBuilder(url) { Host = $"{addresses[0]}" }.Uri
            : throw new ArgumentException($"'{url.IdnHost}' has no IPv4 address; name the upstream by another name.");
    }
}
