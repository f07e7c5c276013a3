using Gyre.Http.Middleware;

namespace Gyre.Http;

public static partial class MiddlewareExtensions
{
    /// <summary>Sets headers that make browsers more careful, on every response; a handler may set others in their place.</summary>
    /// <remarks>Allocates nothing. Whether a request came over https is what <c>UseForwardedHeaders</c> found out, if that comes before.</remarks>
    /// <param name="app">A server or a group.</param>
    /// <param name="options">Null for the defaults: <c>X-Content-Type-Options: nosniff</c> alone.</param>
    /// <exception cref="InvalidOperationException">The server serves already.</exception>
    public static TBuilder UseSecurityHeaders<TBuilder>(this TBuilder app, SecurityHeadersOptions? options = null)
        where TBuilder : RouteBuilder
    {
        ArgumentNullException.ThrowIfNull(app);
        app.AddMiddleware(new SecurityHeadersMiddleware(options ?? new SecurityHeadersOptions()).Invoke);
        return app;
    }
}
