using System.Diagnostics;
using System.Text;
using Gyre.Http.Protocol;

namespace Gyre.Http.Routing;

/// <summary>Where a path leads: the handlers of its methods.</summary>
[DebuggerDisplay("{Template.Text,nq}: {Allow,nq}")]
internal sealed class RouteEndpoint(RouteTemplate template)
{
    private const int MethodCount = (int)RequestMethod.Patch + 1;

    /// <summary>In this order in <c>Allow</c>.</summary>
    private static readonly RequestMethod[] s_allowOrder =
    [
        RequestMethod.Get, RequestMethod.Head, RequestMethod.Post, RequestMethod.Put, RequestMethod.Patch, RequestMethod.Delete,
        RequestMethod.Connect, RequestMethod.Trace, RequestMethod.Options,
    ];

    private readonly HttpHandler?[] _byMethod = new HttpHandler?[MethodCount];
    private List<(byte[] Method, HttpHandler Handler)>? _others;
    private HttpHandler? _any;

    public RouteTemplate Template { get; } = template;

    /// <summary>Adds the handler of a method; null is every method that has none of its own.</summary>
    /// <exception cref="ArgumentException">There is one already.</exception>
    public void Add(string? method, HttpHandler handler)
    {
        if (method is null)
        {
            _any = _any is null ? handler : throw Taken("any method");
            return;
        }

        RequestMethod known = KnownMethod(method);
        if (known != RequestMethod.Other)
        {
            ref HttpHandler? place = ref _byMethod[(int)known];
            place = place is null ? handler : throw Taken(method);
            return;
        }

        byte[] name = Encoding.ASCII.GetBytes(method);
        _others ??= [];
        if (_others.Exists(other => other.Method.AsSpan().SequenceEqual(name)))
        {
            throw Taken(method);
        }

        _others.Add((name, handler));
    }

    /// <summary>
    /// The handler of a request's method: its own, GET's for HEAD, or the one for any. TRACE is for handlers that ask for it by name: what shows
    /// a request to a script shows it cookies, too (RFC 9110 section 9.3.8).
    /// </summary>
    public HttpHandler? Find(RequestHead head)
    {
        if (head.Method != RequestMethod.Other)
        {
            return _byMethod[(int)head.Method]
                ?? (head.Method == RequestMethod.Head ? _byMethod[(int)RequestMethod.Get] : null)
                ?? (head.Method == RequestMethod.Trace ? null : _any);
        }

        if (_others is not null)
        {
            foreach ((byte[] method, HttpHandler handler) in _others)
            {
                if (head.MethodSpan.SequenceEqual(method))
                {
                    return handler;
                }
            }
        }

        return _any;
    }

    /// <summary>Adds the methods that have a handler.</summary>
    public void AddMethodsTo(SortedSet<string> methods)
    {
        foreach (RequestMethod method in s_allowOrder)
        {
            if (_byMethod[(int)method] is not null)
            {
                methods.Add(NameOf(method));
            }
        }

        if (_byMethod[(int)RequestMethod.Get] is not null)
        {
            methods.Add("HEAD");
        }

        foreach ((byte[] method, _) in _others ?? [])
        {
            methods.Add(Encoding.ASCII.GetString(method));
        }

        methods.Add("OPTIONS");
    }

    /// <summary>The order in which <c>Allow</c> lists methods: GET first, OPTIONS last, names that aren't known before it.</summary>
    public static IComparer<string> AllowOrder { get; } = Comparer<string>.Create(static (one, other) =>
    {
        int order = PlaceOf(one).CompareTo(PlaceOf(other));
        return order != 0 ? order : string.CompareOrdinal(one, other);
    });

    private string Allow
    {
        get
        {
            var methods = new SortedSet<string>(AllowOrder);
            AddMethodsTo(methods);
            return string.Join(", ", methods);
        }
    }

    private static int PlaceOf(string method)
    {
        RequestMethod known = KnownMethod(method);
        int place = Array.IndexOf(s_allowOrder, known);
        return (place < 0 ? s_allowOrder.Length - 2 : place) * 2;
    }

    private static string NameOf(RequestMethod method) => method.ToString().ToUpperInvariant();

    /// <summary>The method of this name, by case; else <see cref="RequestMethod.Other"/>.</summary>
    public static RequestMethod KnownMethod(string method)
    {
        foreach (RequestMethod known in s_allowOrder)
        {
            if (method == NameOf(known))
            {
                return known;
            }
        }

        return RequestMethod.Other;
    }

    private ArgumentException Taken(string method) =>
        new($"The route '{Template.Text}' has a handler for {method} already.");
}
