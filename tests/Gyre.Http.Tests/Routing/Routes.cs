using System.Text;
using Gyre.Http.Protocol;
using Gyre.Http.Routing;

namespace Gyre.Http.Tests.Routing;

/// <summary>A tree of templates without a server: finds which of them takes a request.</summary>
internal sealed class Routes
{
    private readonly RouteNode _root = new();
    private readonly RouteConstraints _constraints = new();
    private readonly RequestReader _reader = new();
    private string? _taken;

    /// <summary>What the last search found, values and all.</summary>
    public RouteSearch Search { get; } = new();

    public RouteConstraints Constraints => _constraints;

    public Routes Add(string template, string? method = "GET")
    {
        _root.Add(RouteTemplate.Parse(template, _constraints)).Add(method, _ =>
        {
            _taken = template;
            return default;
        });
        return this;
    }

    /// <summary>The template that takes the request; null when none does, see <see cref="RouteSearch.Allow"/> then.</summary>
    public string? Find(string path, string method = "GET")
    {
        _reader.Recycle();
        Assert.Equal(ReaderEvent.Head, _reader.Read(Encoding.Latin1.GetBytes($"{method} {path} HTTP/1.1\r\nHost: a\r\n\r\n"), out _));
        Search.Reset();
        Assert.Equal(PathFault.None, Search.Path.Parse(_reader.Head.PathSpan));
        Search.Begin(_reader.Head);
        _taken = null;
        _root.Find(Search, 0)?.Invoke(null!);
        return _taken;
    }

    /// <summary>The values of the last search, <c>name=value</c> each.</summary>
    public string Values() => string.Join(' ', Enumerable.Range(0, Search.Values.Count)
        .Select(i => $"{Search.Values.GetName(i)}={Encoding.UTF8.GetString(Search.Values.GetValue(i))}"));
}
