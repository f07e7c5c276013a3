namespace Gyre.Http;

/// <summary>
/// What routes and middleware are added to, whichever kind it is; see <see cref="RouteBuilder{TSelf}"/> for how. Extensions take it.
/// </summary>
public abstract class RouteBuilder
{
    private protected RouteBuilder()
    {
    }

    internal List<HttpMiddleware> Middleware { get; } = [];

    /// <summary>The server that the routes end up in.</summary>
    internal abstract HttpServer Root { get; }

    /// <summary>Adds a route below this builder's prefix; a method of null is any.</summary>
    internal void Add(string? method, string template, HttpHandler handler)
    {
        ArgumentNullException.ThrowIfNull(template);
        ArgumentNullException.ThrowIfNull(handler);
        Root.VerifyConfigurable();
        AddRoute(method, template, handler, []);
    }

    /// <summary>As <see cref="Add"/>, for GET, and answered whatever the load: who asks would else take a server that sheds for one that is ill.</summary>
    internal void AddEssential(string template, HttpHandler handler)
    {
        Add("GET", template, handler);
        Root.Essentials.Add(FullTemplate(template));
    }

    /// <summary>Below the prefixes around it.</summary>
    internal abstract string FullTemplate(string template);

    internal void AddMiddleware(HttpMiddleware middleware)
    {
        ArgumentNullException.ThrowIfNull(middleware);
        Root.VerifyConfigurable();
        Middleware.Add(middleware);
    }

    /// <summary>Hands a route on to the server, through the groups around it, the outermost first in the list.</summary>
    internal abstract void AddRoute(string? method, string template, HttpHandler handler, List<RouteGroup> groups);
}
