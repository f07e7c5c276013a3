using Gyre.Http.Middleware;

namespace Gyre.Http;

public static partial class MiddlewareExtensions
{
    /// <summary>
    /// Answers GET with 200 while the process is well, else 503: whether to restart it. Without checks it says that the loop turns.
    /// </summary>
    /// <param name="app">A server or a group.</param>
    /// <param name="template">For example <c>/health</c>.</param>
    /// <param name="checks">
    /// Run side by side. Nothing that other processes share belongs here: one database that fails would restart them all.
    /// </param>
    /// <remarks>
    /// Answered even while the server sheds other requests. The answer is a word, or to <c>Accept: application/json</c> an object with the
    /// names of the checks and what each said; never why one failed, which is logged as a warning.
    /// </remarks>
    /// <exception cref="ArgumentException">No such template, or it has a handler for GET already, or a check is null.</exception>
    /// <exception cref="InvalidOperationException">The server serves already.</exception>
    public static TBuilder MapHealth<TBuilder>(this TBuilder app, string template, params ReadOnlySpan<HealthCheck> checks)
        where TBuilder : RouteBuilder
    {
        ArgumentNullException.ThrowIfNull(app);
        app.AddEssential(template, new HealthHandler(null, HealthHandler.Checked(checks)).InvokeAsync);
        return app;
    }

    /// <summary>
    /// Answers GET with 200 while load balancers should send requests, else 503: while <see cref="HttpServer.IsReady"/> and all checks say
    /// so. Turns to 503 as soon as the server is told to end.
    /// </summary>
    /// <param name="app">A server or a group.</param>
    /// <param name="template">For example <c>/ready</c>.</param>
    /// <param name="checks">Run side by side, unless the server is about to end.</param>
    /// <remarks>
    /// Set <see cref="HttpServerOptions.DrainDelay"/> to some seconds, so that whoever asks sees it before connections are refused.
    /// </remarks>
    /// <inheritdoc cref="MapHealth{TBuilder}" path="/exception"/>
    public static TBuilder MapReady<TBuilder>(this TBuilder app, string template, params ReadOnlySpan<HealthCheck> checks)
        where TBuilder : RouteBuilder
    {
        ArgumentNullException.ThrowIfNull(app);
        app.AddEssential(template, new HealthHandler(app.Root, HealthHandler.Checked(checks)).InvokeAsync);
        return app;
    }
}
