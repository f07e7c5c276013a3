using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Text;
using Gyre.Http.Fields;
using Gyre.Net;
using Gyre.Tls;

namespace Gyre.Http.Server;

/// <summary>What comes on a connection before HTTP: the header of a proxy, then a TLS handshake, each under a deadline.</summary>
[DebuggerDisplay("tls = {_tls != null}, proxies = {_proxies != null}")]
internal sealed class ConnectionPreamble
{
    private const string PlainAnswerBody = "This port speaks https; ask for https://.";

    private static readonly byte[] s_plainAnswer = Encoding.ASCII.GetBytes(
        "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n" +
        $"Content-Length: {PlainAnswerBody.Length}\r\n\r\n{PlainAnswerBody}");

    private readonly TlsServerOptions? _tls;
    private readonly TrustedProxies? _proxies;
    private readonly TimeSpan _headerTimeout;

    private ConnectionPreamble(TlsServerOptions? tls, TrustedProxies? proxies, TimeSpan headerTimeout)
    {
        _tls = tls;
        _proxies = proxies;
        _headerTimeout = headerTimeout;
    }

    /// <summary>Null when nothing comes before HTTP.</summary>
    /// <exception cref="ArgumentException">An https endpoint without options for TLS.</exception>
    public static ConnectionPreamble? For(HttpEndpoint endpoint, HttpServerOptions options)
    {
        TlsServerOptions? tls = endpoint.IsHttps
            ? endpoint.Tls ?? options.Tls ?? throw new ArgumentException(
                $"'{endpoint}' asks for https, but neither HttpEndpoint.Tls nor HttpServerOptions.Tls has a certificate; " +
                "DevelopmentCertificate.Create() makes one.")
            : null;
        tls?.Verify();
        if (tls?.ApplicationProtocols.FirstOrDefault(static protocol => protocol != SslApplicationProtocol.Http11) is { Protocol.Length: > 0 } other)
        {
            throw new ArgumentException(
                $"'{endpoint}' offers '{other}' by ALPN, but this server speaks HTTP/1.1 alone: leave ApplicationProtocols empty, or put Http11 there.");
        }

        TrustedProxies? proxies = endpoint.ProxyProtocolFrom.Count > 0 ? new TrustedProxies(endpoint.ProxyProtocolFrom) : null;
        if (tls is null && proxies is null)
        {
            return null;
        }

        if (tls is { ApplicationProtocols.Count: 0 })
        {
            tls = tls with { ApplicationProtocols = [SslApplicationProtocol.Http11] };
        }

        if (tls is { PlaintextAnswer: null })
        {
            tls = tls with { PlaintextAnswer = static _ => s_plainAnswer };
        }

        return new ConnectionPreamble(tls, proxies, options.HeaderTimeout);
    }

    /// <summary>Reads what comes first. A failure leaves the connection to the caller, who ends it.</summary>
    public async Task<WrappedPipe> ReadAsync(TcpConnection tcp)
    {
        IPEndPoint? source = null;
        if (_proxies is not null && tcp.RemoteEndPoint is { } peer && _proxies.Contains(peer.Address))
        {
            await CancelScope.FailAfterAsync(_headerTimeout, async _ => source = await ReadProxyHeaderAsync(tcp.Input));
        }

        IDuplexPipe inner = _tls is null ? tcp : await TlsConnection.AuthenticateAsServerAsync(tcp, _tls);
        return new WrappedPipe(tcp, inner) { Source = source };
    }

    private static async Task<IPEndPoint?> ReadProxyHeaderAsync(PipeReader input)
    {
        while (true)
        {
            ReadResult read = await input.ReadAsync();
            ProxyHeaderStatus status = Look(read.Buffer, out int consumed, out ProxyHeader header, out string? error);
            if (status == ProxyHeaderStatus.Done)
            {
                input.AdvanceTo(read.Buffer.GetPosition(consumed));
                return header.Source;
            }

            input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            if (status == ProxyHeaderStatus.Error)
            {
                throw new InvalidDataException(error);
            }

            if (read.IsCompleted)
            {
                throw new IOException("The connection ended within the header of the PROXY protocol.");
            }
        }
    }

    private static ProxyHeaderStatus Look(in ReadOnlySequence<byte> buffer, out int consumed, out ProxyHeader header, out string? error)
    {
        if (buffer.IsSingleSegment)
        {
            return ProxyProtocol.Read(buffer.FirstSpan, out consumed, out header, out error);
        }

        ReadOnlySequence<byte> start = buffer.Slice(0, Math.Min(buffer.Length, ProxyProtocol.BinaryBytesMax));
        return ProxyProtocol.Read(start.ToArray(), out consumed, out header, out error);
    }
}
