using System.Net;
using System.Text;

namespace Gyre.Samples.Ladder;

/// <summary>What a request for a URL is made of. Its host is an address: the early stages could only block for a name.</summary>
internal static class Http
{
    public static IPEndPoint EndPoint(Uri url) => new(IPAddress.Parse(url.Host), url.Port);

    public static byte[] Question(Uri url) => Encoding.Latin1.GetBytes(
        $"GET {url.PathAndQuery} HTTP/1.1\r\nHost: {url.Authority}\r\nConnection: close\r\n\r\n");
}
