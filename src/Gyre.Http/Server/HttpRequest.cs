using System.IO.Pipelines;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Gyre.Http.Protocol;
using Gyre.Http.Server;
using Gyre.Tls;

namespace Gyre.Http;

/// <summary>What the peer sent. Good until the handler ends.</summary>
/// <remarks>Used on the loop of its connection.</remarks>
public sealed partial class HttpRequest
{
    private readonly HttpContext _context;
    private string? _path;
    private string? _query;
    private RequestBodyStream? _stream;
    private PipeReader? _body;
    private IPEndPoint? _remoteEndPoint;

    internal HttpRequest(HttpContext context) => _context = context;

    /// <summary>The request line and headers as received, without copies.</summary>
    public RequestHead Head => _context.Reader.Head;

    /// <summary>The method, if it is a known one; see <see cref="RequestHead.MethodSpan"/> for any other.</summary>
    public RequestMethod Method => Head.Method;

    /// <summary>The path as received, not decoded; begins with <c>/</c> unless the target is <c>*</c> or an authority.</summary>
    public string Path => _path ??= Encoding.ASCII.GetString(Head.PathSpan);

    /// <summary>What follows the first <c>?</c> of the target, not decoded; empty when there is none.</summary>
    public string Query => _query ??= Encoding.ASCII.GetString(Head.QuerySpan);

    /// <summary>The header lines.</summary>
    public FieldSection Headers => Head.Headers;

    /// <summary>The trailers, once the body was read to its end.</summary>
    public FieldSection Trailers => _context.Reader.Trailers;

    /// <summary>
    /// The client's address: the peer's, unless a trusted proxy named another (see the middleware for forwarded headers and the
    /// PROXY protocol). Null when the connection has ended.
    /// </summary>
    public IPEndPoint? RemoteEndPoint
    {
        get => _remoteEndPoint ?? _context.Connection?.RemoteEndPoint;
        internal set => _remoteEndPoint = value;
    }

    /// <summary>The address of whoever is at the other end of the connection, proxies included; null when it has ended.</summary>
    public IPEndPoint? PeerEndPoint => _context.Connection?.PeerEndPoint;

    /// <summary>Own end of the connection; null when it has ended.</summary>
    public IPEndPoint? LocalEndPoint => _context.Connection?.LocalEndPoint;

    /// <summary><c>http</c> or <c>https</c>: how the client spoke to this server, or to a trusted proxy before it.</summary>
    public string Scheme
    {
        get => field ?? (_context.Connection is { IsSecure: true } ? "https" : "http");
        internal set;
    }

    /// <summary>Whether the client's own connection is encrypted, as far as a trusted proxy tells.</summary>
    public bool IsHttps => Scheme == "https";

    /// <summary>The certificate that the client showed in the TLS handshake; null without one. Verified as the endpoint's options say.</summary>
    public X509Certificate2? ClientCertificate => (_context.Connection?.Wrapped?.Inner as TlsConnection)?.RemoteCertificate;

    /// <summary>
    /// The host and port that the request is for, valid as RFC 9110 section 4.2 writes it; empty when an HTTP/1.0 request names
    /// none. What a trusted proxy named goes first.
    /// </summary>
    public string Host
    {
        get => field ??= Encoding.ASCII.GetString(Head.AuthoritySpan);
        internal set;
    }

    /// <summary>
    /// The longest body that this request may have, in bytes; <see cref="HttpLimits.BodyBytesMax"/> at first. May be changed before
    /// the first read. Beyond it reading throws, and the peer gets 413.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public long BodyBytesMax
    {
        get => _context.Reader.BodyBytesMax;
        set => _context.Reader.BodyBytesMax = value;
    }

    /// <summary>Whether the request has a body, an empty chunked one included.</summary>
    public bool HasBody => Head.HasBody;

    /// <summary>The <c>Content-Length</c> in bytes; null when there is none, as with chunks.</summary>
    public long? ContentLength => Head.ContentLength;

    /// <summary>The value of <c>Content-Type</c>; null when it is missing.</summary>
    public string? ContentType => GetHeader(KnownHeader.ContentType);

    /// <summary>
    /// The body as a stream, for code that wants one: reads only, in order. Disposing it does nothing. As
    /// <see cref="ReadBodyAsync"/> in all else.
    /// </summary>
    public Stream BodyStream => _stream ??= new RequestBodyStream(this);

    /// <summary>
    /// The body as a pipe, for code that looks before it consumes; reads ahead up to 4 KiB at a time. Use either this or the
    /// other ways to read, not both. As <see cref="ReadBodyAsync"/> in all else.
    /// </summary>
    public PipeReader Body => _body ??= PipeReader.Create(BodyStream, s_bodyPipeOptions);

    private static readonly StreamPipeReaderOptions s_bodyPipeOptions = new(bufferSize: 4096, minimumReadSize: 1024, leaveOpen: true);

    /// <summary>The first value of a known header as text (bytes from 0x80 as Latin-1); null when it is missing.</summary>
    /// <param name="header">Which.</param>
    public string? GetHeader(KnownHeader header) =>
        Headers.TryGetValue(header, out ReadOnlySpan<byte> value) ? Encoding.Latin1.GetString(value) : null;

    /// <summary>The first value of a header as text (bytes from 0x80 as Latin-1); null when it is missing.</summary>
    /// <param name="name">In any case.</param>
    public string? GetHeader(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Headers.TryGetValue(Encoding.Latin1.GetBytes(name), out ReadOnlySpan<byte> value) ? Encoding.Latin1.GetString(value) : null;
    }

    /// <summary>Reads a piece of the body, at least one byte, into <paramref name="destination"/>; 0 at its end. A checkpoint.</summary>
    /// <remarks>The first read answers <c>Expect: 100-continue</c>. What a handler leaves unread is dropped within a bound.</remarks>
    /// <exception cref="RemoteProtocolException">The peer broke the protocol; it gets the error's status if the response hasn't
    /// begun.</exception>
    /// <exception cref="IOException">The connection broke or ended within the body.</exception>
    /// <exception cref="TimeoutException">The body came slower than <see cref="HttpServerOptions.BodyBytesPerSecondMin"/>.</exception>
    /// <exception cref="OperationCanceledException">The scope was cancelled.</exception>
    public ValueTask<int> ReadBodyAsync(Memory<byte> destination)
    {
        if (destination.IsEmpty)
        {
            throw new ArgumentException("Body bytes need room: the destination is empty.", nameof(destination));
        }

        return Head.HasBody && _context.Connection is { } connection
            ? connection.ReadBodyAsync(_context, destination)
            : new ValueTask<int>(0);
    }

    /// <summary>The request line.</summary>
    public override string ToString() => Head.ToString();

    /// <summary>For logs: method and path as they came. Not the query, where secrets are.</summary>
    internal string Describe() => $"{Encoding.ASCII.GetString(Head.MethodSpan)} {Encoding.ASCII.GetString(Head.PathSpan)}";

    internal HttpContext Context => _context;

    internal void Reset()
    {
        _path = null;
        _query = null;
        _remoteEndPoint = null;
        Scheme = null!;
        Host = null!;
        if (_body is not null)
        {
            // It holds buffers of its own; another request gets another one.
            _body.Complete();
            _body = null;
        }
    }
}
