using Gyre.Http.Middleware;

namespace Gyre.Http;

public static partial class MiddlewareExtensions
{
    /// <summary>
    /// Compresses bodies of responses with Brotli or gzip, whichever the client prefers (RFC 9110 section 12.5.3), on their way out.
    /// </summary>
    /// <remarks>
    /// <para>Left as they are: types that don't shrink, short bodies, 204 and 304, parts (206, <c>Content-Range</c>), what has a
    /// <c>Content-Encoding</c>, a digest, or <c>Cache-Control: no-transform</c>, and by default whatever may hold a secret: see
    /// <see cref="CompressionOptions"/>. <c>Vary: Accept-Encoding</c> is on everything that another client would get compressed.</para>
    /// <para>A strong <c>ETag</c> becomes weak (RFC 9110 section 8.8.1), as nginx does it: <c>If-None-Match</c> goes on to work without the
    /// handler's help, which a suffix would need; <c>If-Match</c> never matches it, so edit what isn't compressed.</para>
    /// <para>Each <see cref="HttpResponse.WriteAsync"/> and flush goes out, at some cost in density. The loop does the work; a page of
    /// 100 KB takes it about a millisecond. Static files are better compressed once, beforehand.</para>
    /// </remarks>
    /// <param name="app">A server or a group.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="InvalidOperationException">The server serves already.</exception>
    public static TBuilder UseCompression<TBuilder>(this TBuilder app, CompressionOptions? options = null)
        where TBuilder : RouteBuilder
    {
        ArgumentNullException.ThrowIfNull(app);
        app.AddMiddleware(new CompressionMiddleware(options ?? new CompressionOptions()).Invoke);
        return app;
    }
}
