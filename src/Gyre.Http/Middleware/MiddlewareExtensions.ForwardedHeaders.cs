using Gyre.Http.Middleware;

namespace Gyre.Http;

public static partial class MiddlewareExtensions
{
    /// <summary>
    /// Takes the client's address, scheme and, if asked, host from what trusted proxies tell: sets
    /// <see cref="HttpRequest.RemoteEndPoint"/>, <see cref="HttpRequest.Scheme"/> and <see cref="HttpRequest.Host"/>.
    /// </summary>
    /// <remarks>
    /// The list is read from its end, each element as the word of an address that is known and trusted; what a client wrote before the
    /// first proxy is never looked at. What can't be read is not believed, and nothing beyond it. A request from elsewhere is left as it
    /// is. The port is 0 when no proxy told it. Behind the PROXY protocol the address that it told is where the walk begins.
    /// </remarks>
    /// <param name="app">A server or a group; on the server, before anything that looks at the client.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="InvalidOperationException">The server serves already.</exception>
    public static TBuilder UseForwardedHeaders<TBuilder>(this TBuilder app, ForwardedHeadersOptions? options = null)
        where TBuilder : RouteBuilder
    {
        ArgumentNullException.ThrowIfNull(app);
        app.AddMiddleware(new ForwardedHeadersMiddleware(options ?? new ForwardedHeadersOptions()).Invoke);
        return app;
    }
}
