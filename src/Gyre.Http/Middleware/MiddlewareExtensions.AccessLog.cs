using Gyre.Http.Middleware;

namespace Gyre.Http;

public static partial class MiddlewareExtensions
{
    /// <summary>
    /// Writes a line for each request: common, combined, or JSON. Lines gather on each loop and go to the sink in batches, at least once
    /// a second and when the server ends, without blocking the loop.
    /// </summary>
    /// <remarks>
    /// Whatever a client sends, it can't make a line of its own: what isn't printable ASCII is escaped. The status is 499 when the client
    /// went away before its answer, and <c>-</c> or null when the server's end left none. Ends the response, so that its bytes are known:
    /// add it first, or behind nothing that changes responses. Requests whose head was refused reach no middleware, and have no line.
    /// The client is <see cref="HttpRequest.RemoteEndPoint"/> as it is at the end.
    /// Time is the loop's. Allocates nothing for each request, but for its id where the format has one.
    /// </remarks>
    /// <param name="app">A server or a group.</param>
    /// <param name="options">Null for the defaults: common lines on standard output.</param>
    /// <exception cref="InvalidOperationException">The server serves already.</exception>
    public static TBuilder UseAccessLog<TBuilder>(this TBuilder app, AccessLogOptions? options = null)
        where TBuilder : RouteBuilder
    {
        ArgumentNullException.ThrowIfNull(app);
        app.AddMiddleware(new AccessLogMiddleware(options ?? new AccessLogOptions()).Invoke);
        return app;
    }
}
