using Gyre.Http.Middleware;

namespace Gyre.Http;

public static partial class MiddlewareExtensions
{
    /// <summary>
    /// Ends requests that take longer than <paramref name="timeout"/>: the waits of what is inside throw, and the client gets
    /// <paramref name="statusCode"/>; when the response has begun, the connection is broken off, so that nobody takes the part for the whole.
    /// </summary>
    /// <remarks>
    /// The time includes what reading the request's body and sending the response take. Code that computes without a checkpoint is ended
    /// at its next one. A handler that awaits a foreign task (<c>Task.Delay</c>, an HttpClient, a database's driver) goes on until that
    /// has ended, and what it then answers may still be sent, unless it passes <see cref="HttpContext.Aborted"/> or awaits
    /// <see cref="FutureConversions.Cancellable(Task, CancellationToken)"/>. Each is logged as a warning. Allocates a scope for each request.
    /// </remarks>
    /// <param name="app">A server or a group.</param>
    /// <param name="timeout">On the loop's clock.</param>
    /// <param name="statusCode">503, or 504 where the time is spent on another server's answer.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time isn't positive, or another status.</exception>
    /// <exception cref="InvalidOperationException">The server serves already.</exception>
    public static TBuilder UseTimeout<TBuilder>(this TBuilder app, TimeSpan timeout, int statusCode = 503)
        where TBuilder : RouteBuilder
    {
        ArgumentNullException.ThrowIfNull(app);
        app.AddMiddleware(new TimeoutMiddleware(timeout, statusCode).InvokeAsync);
        return app;
    }
}
