using System.Net;
using Gyre.Http.Protocol;
using Gyre.Http.Routing;
using Gyre.Http.Server;
using Gyre.Net;

namespace Gyre.Http;

/// <summary>An HTTP/1.1 server: routes, a default handler, and every loop of the group serving.</summary>
/// <remarks>
/// Routes are added before <see cref="ServeAsync(string, Action{IPEndPoint}?)"/>; one server may serve several addresses.
/// </remarks>
public sealed class HttpServer
{
    private readonly HttpServerOptions _options;
    private readonly ExactRoutes _routes = new();
    private HttpHandler _fallback = AnswerNotFound;
    private bool _serving;

    /// <summary>Makes a server without routes: it answers 404.</summary>
    /// <param name="options">Limits and deadlines; null for the defaults.</param>
    public HttpServer(HttpServerOptions? options = null) => _options = options ?? new HttpServerOptions();

    /// <summary>Answers GET and HEAD of <paramref name="path"/>, compared as received.</summary>
    /// <exception cref="ArgumentException">The path can't be one, or has such a handler.</exception>
    /// <exception cref="InvalidOperationException">The server serves already.</exception>
    public HttpServer Get(string path, HttpHandler handler) => Add(path, handler, readOnly: true);

    /// <summary>Answers every method of <paramref name="path"/> that no other route of it takes.</summary>
    /// <exception cref="ArgumentException">The path can't be one, or has such a handler.</exception>
    /// <exception cref="InvalidOperationException">The server serves already.</exception>
    public HttpServer Map(string path, HttpHandler handler) => Add(path, handler, readOnly: false);

    /// <summary>Answers what no route takes; without it, 404.</summary>
    /// <exception cref="InvalidOperationException">The server serves already.</exception>
    public HttpServer Default(HttpHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        VerifyNotServing();
        _fallback = handler;
        return this;
    }

    /// <summary>Serves <paramref name="url"/> on every loop of the group until cancelled. A checkpoint.</summary>
    /// <param name="url">For example <c>http://127.0.0.1:8080</c>; port 0 lets the system pick; <c>*</c> is every address.</param>
    /// <param name="onReady">Called on the calling loop with the bound address once connections are accepted.</param>
    /// <exception cref="ArgumentException">Not such a URL.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">The address can't be bound; the message names it and the remedy.</exception>
    /// <exception cref="OperationCanceledException">The scope was cancelled; every connection has ended.</exception>
    /// <exception cref="InvalidOperationException">The calling code isn't run by a loop.</exception>
    public Task ServeAsync(string url, Action<IPEndPoint>? onReady = null) => ServeAsync(ListenUrl.Parse(url), onReady);

    /// <summary>Serves <paramref name="endPoint"/> on every loop of the group until cancelled. A checkpoint.</summary>
    /// <inheritdoc cref="ServeAsync(string, Action{IPEndPoint}?)"/>
    public Task ServeAsync(IPEndPoint endPoint, Action<IPEndPoint>? onReady = null)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        _serving = true;
        IReadOnlyList<EventLoop> loops = EventLoopGroup.Current.Loops;
        ServerWarmUp.Ensure();
        ConnectionLimit limit = ConnectionLimit.PerLoop(loops.Count);
        if (_options.ConnectionsPerLoopMax > 0)
        {
            limit = limit with { Connections = _options.ConnectionsPerLoopMax };
        }

        return new GroupServer(_options, _routes, _fallback, limit, loops).RunAsync(endPoint, onReady);
    }

    private static ValueTask AnswerNotFound(HttpContext context)
    {
        context.Response.StatusCode = 404;
        context.Response.Headers.Set(KnownHeader.ContentType, "text/plain; charset=utf-8"u8);
        context.Response.Send("Not found"u8);
        return default;
    }

    private HttpServer Add(string path, HttpHandler handler, bool readOnly)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(handler);
        VerifyNotServing();
        _routes.Add(path, handler, readOnly);
        return this;
    }

    private void VerifyNotServing()
    {
        if (_serving)
        {
            throw new InvalidOperationException("The server serves already; add routes before ServeAsync.");
        }
    }
}
