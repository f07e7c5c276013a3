using System.Diagnostics;

namespace Gyre.Http;

/// <summary>Routes under a common prefix, with middleware around them all. Groups nest; the outermost one's middleware runs first.</summary>
[DebuggerDisplay("{_prefix,nq}")]
public sealed class RouteGroup : RouteBuilder<RouteGroup>
{
    private readonly RouteBuilder _parent;
    private readonly string _prefix;

    internal RouteGroup(RouteBuilder parent, string prefix)
    {
        _parent = parent;
        _prefix = prefix;
    }

    internal override HttpServer Root => _parent.Root;

    internal override string FullTemplate(string template) => _parent.FullTemplate(_prefix + template);

    internal override void AddRoute(string? method, string template, HttpHandler handler, List<RouteGroup> groups)
    {
        if (template.Length > 0 && !template.StartsWith('/'))
        {
            throw new ArgumentException($"'{template}' is no template of a route in a group: it must be empty or begin with '/'.", nameof(template));
        }

        groups.Insert(0, this);
        _parent.AddRoute(method, _prefix + template, handler, groups);
    }
}
