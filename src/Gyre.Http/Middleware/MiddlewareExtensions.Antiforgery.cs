using Gyre.Http.Middleware;

namespace Gyre.Http;

public static partial class MiddlewareExtensions
{
    /// <summary>
    /// Answers 403 to requests that change something and that a page of another site may have made the browser send: those without a token
    /// that belongs to the browser's cookie, and those whose <c>Origin</c> or <c>Sec-Fetch-Site</c> says so.
    /// </summary>
    /// <remarks>
    /// GET, HEAD, OPTIONS and TRACE pass. A handler gets the token of a page from <see cref="Antiforgery.IssueToken"/>, and the page's script
    /// sends it in a header. For routes that browsers use with cookies; an API with keys of its own needs none.
    /// </remarks>
    /// <param name="app">A server or a group.</param>
    /// <param name="antiforgery">The one that handlers get tokens from.</param>
    /// <exception cref="InvalidOperationException">The server serves already.</exception>
    public static TBuilder UseAntiforgery<TBuilder>(this TBuilder app, Antiforgery antiforgery)
        where TBuilder : RouteBuilder
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(antiforgery);
        app.AddMiddleware(new AntiforgeryMiddleware(antiforgery).Invoke);
        return app;
    }
}
