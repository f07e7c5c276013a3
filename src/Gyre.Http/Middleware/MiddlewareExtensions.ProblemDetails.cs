using Gyre.Http.Middleware;

namespace Gyre.Http;

/// <summary>The middleware that comes with the server. It runs in the order of the calls, the first one outermost.</summary>
/// <remarks>The guide's page on middleware says which order is right, and why.</remarks>
public static partial class MiddlewareExtensions
{
    /// <summary>
    /// Answers failures of handlers, and errors that they send, as <c>application/problem+json</c> (RFC 9457): status, its phrase, the
    /// request's id, and nothing about the failure itself, which is logged.
    /// </summary>
    /// <remarks>
    /// A failure that is the peer's own keeps its status, and so does an <see cref="HttpException"/>. When the response has begun, and for
    /// cancellation, the exception passes on. Headers that middleware around it has set stay. Allocates nothing unless there is an error.
    /// </remarks>
    /// <param name="app">A server or a group.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="InvalidOperationException">The server serves already.</exception>
    public static TBuilder UseProblemDetails<TBuilder>(this TBuilder app, ProblemDetailsOptions? options = null)
        where TBuilder : RouteBuilder
    {
        ArgumentNullException.ThrowIfNull(app);
        app.AddMiddleware(new ProblemDetailsMiddleware(options ?? new ProblemDetailsOptions()).Invoke);
        return app;
    }
}
