using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Gyre.Http.Fuzz.References;

/// <summary>
/// A router that looks at every template for every path and takes the most specific one, compared segment by segment from the
/// left: literal, then more text around a parameter, then the longer text before it, then more constraints, then their text; a
/// catch-all last.
/// </summary>
internal sealed class RouteReference
{
    private static readonly string[] s_methodOrder = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "TRACE"];

    private readonly List<(string Template, string Method, List<Part> Parts, bool IsOptional)> _routes = [];

    internal void Add(string template, string method)
    {
        List<Part> parts = [.. template[1..].Split('/').Select(Part.Parse)];
        _routes.Add((template, method, parts, parts[^1].IsOptional));
    }

    /// <summary>The template that takes a path, or the methods it is allowed, or nothing.</summary>
    internal (string? Template, string? Values, string? Allow) Find(string method, List<byte[]> path)
    {
        var matches = _routes.Select(route => (route.Template, route.Method, Match: Match(route.Parts, route.IsOptional, path)))
            .Where(route => route.Match is not null)
            .OrderBy(route => route.Match!.Value.Key, StringComparer.Ordinal)
            .ToList();
        var best = matches.FirstOrDefault(route => route.Method == method || route.Method == "*" || (route.Method == "GET" && method == "HEAD"));
        if (best.Template is not null)
        {
            return (best.Template, best.Match!.Value.Values, null);
        }

        return (null, null, matches.Count == 0 ? null : Allow(matches.Select(route => route.Method)));
    }

    private static string Allow(IEnumerable<string> found)
    {
        HashSet<string> methods = [.. found];
        methods.UnionWith(methods.Contains("GET") ? ["HEAD"] : []);
        string[] others = [.. methods.Except([.. s_methodOrder, "OPTIONS", "*"]).Order(StringComparer.Ordinal)];
        return string.Join(", ", [.. s_methodOrder.Where(methods.Contains), .. others, "OPTIONS"]);
    }

    private static (string Key, string Values)? Match(List<Part> parts, bool isOptional, List<byte[]> path)
    {
        StringBuilder key = new();
        StringBuilder values = new();
        for (int i = 0; i < parts.Count; i++)
        {
            Part part = parts[i];
            if (part.IsCatchAll)
            {
                List<byte[]> rest = path[Math.Min(i, path.Count)..];
                bool isPlain = !rest.SkipLast(1).Any(segment => segment.Length == 0)
                    && !rest.Any(segment => segment.AsSpan().IndexOfAny((byte)'/', (byte)'\\') >= 0);
                values.Append(CultureInfo.InvariantCulture, $"{part.Name}={string.Join('/', rest.Select(Encoding.UTF8.GetString))}\n");
                return i <= path.Count && isPlain ? (key.Append('~').ToString(), values.ToString()) : null;
            }

            if (i >= path.Count)
            {
                return i == path.Count && isOptional && i == parts.Count - 1 ? (key.Append('!').ToString(), values.ToString()) : null;
            }

            if (!part.TryMatch(path[i], out string? value))
            {
                return null;
            }

            key.Append(part.Key).Append('/');
            values.Append(part.Name is null ? "" : $"{part.Name}={value}\n");
        }

        return parts.Count == path.Count ? (key.Append('!').ToString(), values.ToString()) : null;
    }

    /// <summary>One segment of a template.</summary>
    private sealed record Part(string Prefix, string? Name, string Suffix, string[] Constraints, bool IsCatchAll, bool IsOptional)
    {
        internal string Key { get; } = Name is null ? "0"
            : $"1{9999 - Prefix.Length - Suffix.Length:D4}{9999 - Constraints.Length:D4}{9999 - Prefix.Length:D4}{string.Join(':', Constraints)}";

        internal static Part Parse(string text)
        {
            int open = text.IndexOf('{', StringComparison.Ordinal);
            if (open < 0)
            {
                return new Part(text, null, "", [], false, false);
            }

            int close = text.LastIndexOf('}');
            string inside = text[(open + 1)..close];
            string[] pieces = inside.Trim('*', '?').Split(':');
            return new Part(text[..open], pieces[0], text[(close + 1)..], pieces[1..], inside.StartsWith('*'), inside.EndsWith('?'));
        }

        internal bool TryMatch(byte[] segment, out string? value)
        {
            string text = Encoding.UTF8.GetString(segment);
            value = null;
            if (Name is null)
            {
                return text == Prefix;
            }

            if (text.Length <= Prefix.Length + Suffix.Length || !text.StartsWith(Prefix, StringComparison.Ordinal)
                || !text.EndsWith(Suffix, StringComparison.Ordinal))
            {
                return false;
            }

            string found = value = text[Prefix.Length..(text.Length - Suffix.Length)];
            return Constraints.All(constraint => Holds(constraint, found));
        }

        private static bool Holds(string constraint, string value) => constraint switch
        {
            "int" => Regex.IsMatch(value, @"\A[+-]?[0-9]+\z") && int.TryParse(value, CultureInfo.InvariantCulture, out _),
            "alpha" => value.All(char.IsAsciiLetter),
            "range(1,9)" => Regex.IsMatch(value, @"\A[+-]?[0-9]+\z") && long.TryParse(value, CultureInfo.InvariantCulture, out long n) && n is >= 1 and <= 9,
            "length(3)" => value.Length == 3,
            _ => throw new InvalidOperationException($"The reference doesn't know the constraint '{constraint}'."),
        };
    }
}
