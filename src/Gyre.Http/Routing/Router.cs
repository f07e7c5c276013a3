using System.Diagnostics;
using Gyre.Http.Protocol;

namespace Gyre.Http.Routing;

/// <summary>Finds the handler of a request, the same whatever the order in which routes were added.</summary>
/// <remarks>
/// A path that is a template byte for byte is found by one look at a table; no other template could take it first, since a
/// literal goes before a parameter. Everything else walks the tree.
/// </remarks>
[DebuggerDisplay("{_literals.Count} literal routes")]
internal sealed class Router
{
    private readonly RouteNode _root = new();
    private readonly Dictionary<string, RouteEndpoint> _literals = new(LiteralKey.Comparer);
    private readonly Dictionary<string, RouteEndpoint>.AlternateLookup<ReadOnlySpan<byte>> _literalsByBytes;
    private readonly HttpHandler _fallback;

    public Router(HttpHandler fallback)
    {
        _fallback = fallback;
        _literalsByBytes = _literals.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    /// <summary>The endpoint of a template, made when there is none yet.</summary>
    public RouteEndpoint Add(RouteTemplate template)
    {
        RouteEndpoint endpoint = _root.Add(template);
        if (template.IsLiteral)
        {
            _literals[template.Text] = endpoint;
        }

        return endpoint;
    }

    /// <summary>Answers a request by the handler that takes it.</summary>
    public ValueTask Dispatch(HttpContext context)
    {
        RequestHead head = context.Reader.Head;
        if (_literalsByBytes.TryGetValue(head.PathSpan, out RouteEndpoint? endpoint) && endpoint.Find(head) is { } handler)
        {
            context.Search.Endpoint = endpoint;
            return handler(context);
        }

        return DispatchByTree(context, head);
    }

    private ValueTask DispatchByTree(HttpContext context, RequestHead head)
    {
        if (head.TargetForm is TargetForm.Asterisk or TargetForm.Authority)
        {
            return AnswerWithoutPath(context, head);
        }

        RouteSearch search = context.Search;
        PathFault fault = search.Path.Parse(head.PathSpan);
        if (fault != PathFault.None)
        {
            context.Response.SendError(400, RequestPath.Explain(fault));
            return default;
        }

        search.Begin(head);
        if (_root.Find(search, 0) is { } handler)
        {
            return handler(context);
        }

        return search.Allow is { } allow ? AnswerMethod(context, head, allow) : _fallback(context);
    }

    // RFC 9110 sections 9.3.7 and 15.5.6: what the path allows, as an answer to OPTIONS and to a method that isn't among it.
    private static ValueTask AnswerMethod(HttpContext context, RequestHead head, SortedSet<string> allow)
    {
        context.Response.Headers.Set(KnownHeader.Allow, string.Join(", ", allow));
        if (head.Method == RequestMethod.Options)
        {
            context.Response.StatusCode = 204;
        }
        else
        {
            context.Response.SendError(405, "The path doesn't allow this method.");
        }

        return default;
    }

    // RFC 9110 section 9.3.7: OPTIONS * asks about the server as a whole, which is a "ping". CONNECT is for proxies.
    private ValueTask AnswerWithoutPath(HttpContext context, RequestHead head)
    {
        if (head.TargetForm == TargetForm.Asterisk)
        {
            context.Response.StatusCode = 204;
            return default;
        }

        return _fallback(context);
    }
}
