using System.Diagnostics;

namespace Gyre.Http.Routing;

/// <summary>A place in the tree of templates: what may follow a path so far, the most specific first.</summary>
/// <remarks>Each node is looked at once at the most in a search, since a single path of segments leads to it.</remarks>
[DebuggerDisplay("{_literals.Count} literals, {_parameters.Count} parameters, ends here = {_end != null}")]
internal sealed class RouteNode
{
    private readonly Dictionary<string, RouteNode> _literals = new(LiteralKey.Comparer);
    private readonly Dictionary<string, RouteNode>.AlternateLookup<ReadOnlySpan<byte>> _literalsByBytes;
    private readonly List<(RouteSegment Segment, RouteNode Node)> _parameters = [];
    private RouteEndpoint? _end;
    private RouteEndpoint? _catchAll;

    public RouteNode() => _literalsByBytes = _literals.GetAlternateLookup<ReadOnlySpan<byte>>();

    /// <summary>The endpoint of a template, made when there is none yet.</summary>
    /// <exception cref="ArgumentException">Another template takes the very same paths under other names of parameters.</exception>
    public RouteEndpoint Add(RouteTemplate template)
    {
        RouteNode node = this;
        RouteNode before = this;
        foreach (RouteSegment segment in template.Segments)
        {
            if (segment.IsCatchAll)
            {
                return node._catchAll = Same(node._catchAll, template);
            }

            before = node;
            node = node.Child(segment);
        }

        RouteEndpoint endpoint = Same(node._end, template);
        if (template.IsLastOptional)
        {
            before.AddShorter(template, endpoint);
        }

        return node._end = endpoint;
    }

    /// <summary>Looks for a handler, and notes the endpoints that take the path but not the method.</summary>
    public HttpHandler? Find(RouteSearch search, int index)
    {
        if (index == search.Path.Count)
        {
            return search.Accept(_end) ?? (_catchAll is null ? null : FindCatchAll(search, index));
        }

        ReadOnlySpan<byte> segment = search.Path[index];
        if (_literalsByBytes.TryGetValue(segment, out RouteNode? literal) && literal.Find(search, index + 1) is { } found)
        {
            return found;
        }

        foreach ((RouteSegment parameter, RouteNode node) in _parameters)
        {
            if (parameter.TryMatch(segment, out int start, out int length))
            {
                search.Values.Push(search.Path.StartOf(index) + start, length);
                if (node.Find(search, index + 1) is { } within)
                {
                    return within;
                }

                search.Values.Pop();
            }
        }

        return _catchAll is null ? null : FindCatchAll(search, index);
    }

    private HttpHandler? FindCatchAll(RouteSearch search, int index)
    {
        // The value is one text with slashes between its segments: it must not hold a slash that is none, nor empty segments.
        if (search.Path.HasEscapedSlash(index) || search.Path.HasEmptySegment(index))
        {
            return null;
        }

        int start = index < search.Path.Count ? search.Path.StartOf(index) : search.Path.Decoded.Length;
        search.Values.Push(start, search.Path.Decoded.Length - start);
        if (search.Accept(_catchAll) is { } handler)
        {
            return handler;
        }

        search.Values.Pop();
        return null;
    }

    private static RouteEndpoint Same(RouteEndpoint? endpoint, RouteTemplate template)
    {
        if (endpoint is null)
        {
            return new RouteEndpoint(template);
        }

        if (endpoint.Template.Segments.Length != template.Segments.Length)
        {
            throw Overlap(template, endpoint.Template, endpoint.Template);
        }

        if (!endpoint.Template.Names.SequenceEqual(template.Names))
        {
            throw new ArgumentException(
                $"The route '{template.Text}' takes the same paths as '{endpoint.Template.Text}'; give their parameters the same names.");
        }

        // Else a handler of the one that asks for the segment would be found for a path without it.
        return endpoint.Template.IsLastOptional == template.IsLastOptional ? endpoint : throw new ArgumentException(
            $"The route '{template.Text}' takes the same paths as '{endpoint.Template.Text}', but for the optional part; make it optional in both or neither.");
    }

    /// <summary>Without its optional segment the template ends one segment earlier; nothing there may take that away.</summary>
    private void AddShorter(RouteTemplate template, RouteEndpoint endpoint)
    {
        if (_end is not null && _end != endpoint)
        {
            throw Overlap(template, _end.Template, template);
        }

        _end = endpoint;
    }

    /// <summary>Without its optional part the one takes what the other takes.</summary>
    private static ArgumentException Overlap(RouteTemplate template, RouteTemplate other, RouteTemplate optional) => new(
        $"The routes '{template.Text}' and '{other.Text}' both take '{optional.Shortest}', since the last part of '{optional.Text}' is optional; " +
        "make it required, or leave the other route out.");

    private RouteNode Child(RouteSegment segment)
    {
        if (segment.IsLiteral)
        {
            string key = LiteralKey.Of(segment.Prefix);
            if (!_literals.TryGetValue(key, out RouteNode? node))
            {
                _literals.Add(key, node = new RouteNode());
            }

            return node;
        }

        int index = _parameters.FindIndex(parameter => parameter.Segment.IsSameAs(segment));
        if (index >= 0)
        {
            return _parameters[index].Node;
        }

        var child = new RouteNode();
        _parameters.Add((segment, child));

        _parameters.Sort(static (one, other) => one.Segment.CompareTo(other.Segment));
        return child;
    }
}
