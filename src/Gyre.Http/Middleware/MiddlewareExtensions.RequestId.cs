using Gyre.Http.Middleware;

namespace Gyre.Http;

public static partial class MiddlewareExtensions
{
    /// <summary>
    /// Names each request, for logs and for whoever asks about an answer: sets <see cref="HttpContext.RequestId"/> and the response's
    /// <c>X-Request-Id</c>. An id that comes from a trusted caller is kept if it is valid: 1 to 128 visible ASCII characters.
    /// </summary>
    /// <remarks>Allocates the id.</remarks>
    /// <param name="app">A server or a group.</param>
    /// <param name="options">Null for the defaults, which trust nobody.</param>
    /// <exception cref="ArgumentException">The name of the header is no token, or the prefix has other characters or is too long.</exception>
    /// <exception cref="InvalidOperationException">The server serves already.</exception>
    public static TBuilder UseRequestId<TBuilder>(this TBuilder app, RequestIdOptions? options = null)
        where TBuilder : RouteBuilder
    {
        ArgumentNullException.ThrowIfNull(app);
        app.AddMiddleware(new RequestIdMiddleware(options ?? new RequestIdOptions()).Invoke);
        return app;
    }
}
