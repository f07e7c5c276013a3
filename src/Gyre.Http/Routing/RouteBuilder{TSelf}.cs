using Gyre.Http.Protocol;
using Gyre.Http.Routing;

namespace Gyre.Http;

/// <summary>What routes and middleware are added to: an <see cref="HttpServer"/> or a <see cref="RouteGroup"/> of one.</summary>
/// <remarks>
/// <para>A template has literals and parameters: <c>/users/{id:int}</c>, <c>/v{version}/files/{*path}</c>, <c>/page/{name?}</c>.
/// A parameter takes one segment of the path, or the part of one that stands between a literal prefix and suffix; a catch-all takes
/// the rest, which may be empty; the last segment may be optional. Constraints: <c>int long guid alpha bool decimal min(n) max(n)
/// range(a,b) length(n) length(a,b) minlength(n) maxlength(n) regex(…)</c>, and those added with <see cref="HttpServer.Constraint"/>.</para>
/// <para>The most specific template wins, whatever the order of registration: segment by segment a literal goes before a
/// parameter, more literal text before less, more constraints before fewer, a catch-all last. One that takes the path but not
/// the method lets others try; when none has the method, the answer is 405 with <c>Allow</c>. HEAD is answered by GET's handler,
/// OPTIONS with what the path allows, unless they have handlers of their own.</para>
/// <para>Paths compare by case, decoded once; see the guide for what is refused.</para>
/// </remarks>
/// <typeparam name="TSelf">The kind itself, so that calls can be chained.</typeparam>
public abstract class RouteBuilder<TSelf> : RouteBuilder
    where TSelf : RouteBuilder<TSelf>
{
    private protected RouteBuilder()
    {
    }

    /// <summary>Answers GET, and HEAD without the body.</summary>
    /// <exception cref="ArgumentException">No template, or a method of it has a handler already.</exception>
    /// <exception cref="InvalidOperationException">The server serves already.</exception>
    public TSelf Get(string template, HttpHandler handler) => Route("GET", template, handler);

    /// <summary>Answers HEAD by a handler of its own.</summary>
    /// <inheritdoc cref="Get" path="/exception"/>
    public TSelf Head(string template, HttpHandler handler) => Route("HEAD", template, handler);

    /// <summary>Answers POST.</summary>
    /// <inheritdoc cref="Get" path="/exception"/>
    public TSelf Post(string template, HttpHandler handler) => Route("POST", template, handler);

    /// <summary>Answers PUT.</summary>
    /// <inheritdoc cref="Get" path="/exception"/>
    public TSelf Put(string template, HttpHandler handler) => Route("PUT", template, handler);

    /// <summary>Answers PATCH.</summary>
    /// <inheritdoc cref="Get" path="/exception"/>
    public TSelf Patch(string template, HttpHandler handler) => Route("PATCH", template, handler);

    /// <summary>Answers DELETE.</summary>
    /// <inheritdoc cref="Get" path="/exception"/>
    public TSelf Delete(string template, HttpHandler handler) => Route("DELETE", template, handler);

    /// <summary>Answers OPTIONS by a handler of its own.</summary>
    /// <inheritdoc cref="Get" path="/exception"/>
    public TSelf Options(string template, HttpHandler handler) => Route("OPTIONS", template, handler);

    /// <summary>Answers every method that has no handler of its own there.</summary>
    /// <inheritdoc cref="Get" path="/exception"/>
    public TSelf Map(string template, HttpHandler handler) => Route(null, template, handler);

    /// <summary>Answers one method, also an unregistered one such as <c>PURGE</c>; methods compare by case (RFC 9110 section 9.1).</summary>
    /// <exception cref="ArgumentException">
    /// No template, or a method of it has a handler already; no method, or a registered one in another case.
    /// </exception>
    /// <exception cref="InvalidOperationException">The server serves already.</exception>
    public TSelf Map(string method, string template, HttpHandler handler)
    {
        ArgumentException.ThrowIfNullOrEmpty(method);
        if (!ByteClasses.IsToken(System.Text.Encoding.UTF8.GetBytes(method)))
        {
            throw new ArgumentException($"'{method}' is no method: use letters, digits and hyphens.", nameof(method));
        }

        string upper = method.ToUpperInvariant();
        if (method != upper && RouteEndpoint.KnownMethod(upper) != RequestMethod.Other)
        {
            throw new ArgumentException($"No request has the method '{method}', since methods are compared by case: use \"{upper}\".", nameof(method));
        }

        return Route(method, template, handler);
    }

    /// <summary>Makes a group of routes under a common prefix, with middleware of its own.</summary>
    /// <param name="prefix">The beginning of templates: starts with a slash, doesn't end in one; may have parameters.</param>
    /// <exception cref="ArgumentException">No such prefix.</exception>
    public RouteGroup Group(string prefix)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        if (!prefix.StartsWith('/') || prefix.EndsWith('/'))
        {
            throw new ArgumentException($"'{prefix}' is no prefix of templates: it must begin with '/' and not end in one.", nameof(prefix));
        }

        return new RouteGroup(this, prefix);
    }

    /// <summary>
    /// Puts code around handlers: it runs in the order of these calls, the first one outermost. On the server it sees every request,
    /// those that no route takes included; in a group those of the group's routes alone, added before or after.
    /// </summary>
    /// <exception cref="InvalidOperationException">The server serves already.</exception>
    public TSelf Use(HttpMiddleware middleware)
    {
        AddMiddleware(middleware);
        return (TSelf)this;
    }

    private TSelf Route(string? method, string template, HttpHandler handler)
    {
        Add(method, template, handler);
        return (TSelf)this;
    }
}
