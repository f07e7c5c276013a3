using System.Diagnostics.CodeAnalysis;
using System.Text;
using Gyre.Http.Protocol;

namespace Gyre.Http.Routing;

/// <summary>Paths that are compared as received, byte for byte.</summary>
internal sealed class ExactRoutes
{
    private readonly Dictionary<string, Route> _routes = new(BytesOrText.Instance);
    private readonly Dictionary<string, Route>.AlternateLookup<ReadOnlySpan<byte>> _byBytes;

    public ExactRoutes() => _byBytes = _routes.GetAlternateLookup<ReadOnlySpan<byte>>();

    /// <summary>Adds a route for GET and HEAD alone, or for any method.</summary>
    public void Add(string path, HttpHandler handler, bool readOnly)
    {
        if (!path.StartsWith('/') || path.AsSpan().ContainsAnyExceptInRange('!', '~') || path.AsSpan().ContainsAny('?', '#'))
        {
            throw new ArgumentException(
                $"'{path}' is no path of a route: it must begin with '/' and hold visible ASCII alone, without '?' and '#'; percent-encode the rest.",
                nameof(path));
        }

        _routes.TryGetValue(path, out Route route);
        if (readOnly ? route.ForRead is not null : route.ForAny is not null)
        {
            throw new ArgumentException($"The path '{path}' has a handler already.", nameof(path));
        }

        _routes[path] = readOnly ? route with { ForRead = handler } : route with { ForAny = handler };
    }

    public bool TryFind(ReadOnlySpan<byte> path, RequestMethod method, [NotNullWhen(true)] out HttpHandler? handler)
    {
        handler = null;
        if (_byBytes.TryGetValue(path, out Route route))
        {
            bool reads = method is RequestMethod.Get or RequestMethod.Head;
            handler = (reads ? route.ForRead : null) ?? route.ForAny;
        }

        return handler is not null;
    }

    private readonly record struct Route(HttpHandler? ForRead, HttpHandler? ForAny);

    /// <summary>
    /// Lets ASCII bytes find a text key without making a string of them. The keys are the developer's, so a plain hash is safe.
    /// </summary>
    private sealed class BytesOrText : IEqualityComparer<string>, IAlternateEqualityComparer<ReadOnlySpan<byte>, string>
    {
        public static readonly BytesOrText Instance = new();

        private const uint HashStart = 2166136261;
        private const uint HashFactor = 16777619;

        public bool Equals(string? x, string? y) => string.Equals(x, y, StringComparison.Ordinal);

        public int GetHashCode(string obj)
        {
            uint hash = HashStart;
            foreach (char c in obj)
            {
                hash = (hash ^ c) * HashFactor;
            }

            return (int)hash;
        }

        public bool Equals(ReadOnlySpan<byte> alternate, string other) => Ascii.Equals(alternate, other);

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            uint hash = HashStart;
            foreach (byte b in alternate)
            {
                hash = (hash ^ b) * HashFactor;
            }

            return (int)hash;
        }

        public string Create(ReadOnlySpan<byte> alternate) => Encoding.ASCII.GetString(alternate);
    }
}
