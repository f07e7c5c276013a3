using System.Net;
using System.Text;
using Gyre.Http.Protocol;

namespace Gyre.Http;

/// <summary>What the peer sent. Good until the handler ends.</summary>
public sealed class HttpRequest
{
    private readonly HttpContext _context;
    private string? _path;
    private string? _query;

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

    /// <summary>The peer's address; null when the connection has ended.</summary>
    public IPEndPoint? RemoteEndPoint => _context.Connection?.RemoteEndPoint;

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

    internal void Reset()
    {
        _path = null;
        _query = null;
    }
}
