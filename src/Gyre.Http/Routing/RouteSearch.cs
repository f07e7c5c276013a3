using System.Diagnostics;
using Gyre.Http.Protocol;

namespace Gyre.Http.Routing;

/// <summary>What one search through the tree works on; part of the request's context, so that searching allocates nothing.</summary>
[DebuggerDisplay("{Path}")]
internal sealed class RouteSearch
{
    private RequestHead? _head;
    private SortedSet<string>? _allow;

    public RouteSearch() => Values = new RouteValues(Path);

    public RequestPath Path { get; } = new();

    public RouteValues Values { get; }

    /// <summary>Where the request leads; null before it was routed, and when nothing takes it.</summary>
    public RouteEndpoint? Endpoint { get; set; }

    /// <summary>The methods for which the path has handlers, when the request's isn't among them; else null.</summary>
    public SortedSet<string>? Allow => _allow;

    public void Begin(RequestHead head)
    {
        _head = head;
        _allow = null;
        Values.Clear();
    }

    /// <summary>The handler of an endpoint for the request's method; without one, its methods are noted.</summary>
    public HttpHandler? Accept(RouteEndpoint? endpoint)
    {
        if (endpoint is null)
        {
            return null;
        }

        if (endpoint.Find(_head!) is { } handler)
        {
            Endpoint = endpoint;
            Values.Name(endpoint.Template.Names);
            return handler;
        }

        endpoint.AddMethodsTo(_allow ??= new SortedSet<string>(RouteEndpoint.AllowOrder));
        return null;
    }

    public void Reset()
    {
        _head = null;
        _allow = null;
        Endpoint = null;
        Values.Clear();
    }
}
