namespace Gyre.Http.Tests.Routing;

/// <summary>The rule of precedence told once more, without a tree: every template is held against the path, and the best taken.</summary>
internal sealed class NaiveRoutes((string Template, string Method)[] routes)
{
    public string? Find(string path, string method) => Matching(path).FirstOrDefault(route => route.Method == method).Template;

    /// <summary>What an answer to a method that isn't allowed lists; null when nothing takes the path.</summary>
    public string? Allow(string path)
    {
        HashSet<string> methods = [.. Matching(path).Select(static route => route.Method)];
        return methods.Count == 0 ? null : string.Join(", ", (methods.Contains("GET") ? ["GET", "HEAD"] : Array.Empty<string>())
            .Concat(methods.Contains("POST") ? ["POST"] : []).Append("OPTIONS"));
    }

    private IEnumerable<(string Template, string Method)> Matching(string path)
    {
        string[] pieces = path[1..].Split('/');
        return routes.Where(route => IsMatch(route.Template[1..].Split('/'), pieces))
            .Order(Comparer<(string Template, string Method)>.Create((x, y) => Compare(x.Template, y.Template, pieces.Length)));
    }

    private static bool IsMatch(string[] segments, string[] pieces)
    {
        for (int i = 0; i < segments.Length; i++)
        {
            if (segments[i].StartsWith("{*", StringComparison.Ordinal))
            {
                return !pieces.Skip(i).SkipLast(1).Contains("");
            }

            if (i == pieces.Length)
            {
                return i == segments.Length - 1 && segments[i].EndsWith("?}", StringComparison.Ordinal);
            }

            if (!Takes(segments[i], pieces[i]))
            {
                return false;
            }
        }

        return segments.Length == pieces.Length;
    }

    private static bool Takes(string segment, string piece)
    {
        if (!segment.Contains('{', StringComparison.Ordinal))
        {
            return segment == piece;
        }

        (string prefix, string[] constraints, string suffix) = Parts(segment);
        if (piece.Length <= prefix.Length + suffix.Length
            || !piece.StartsWith(prefix, StringComparison.Ordinal) || !piece.EndsWith(suffix, StringComparison.Ordinal))
        {
            return false;
        }

        string value = piece[prefix.Length..^suffix.Length];
        return constraints.All(constraint => constraint switch
        {
            "int" => int.TryParse(value, out _),
            "min(5)" => long.TryParse(value, out long number) && number >= 5,
            "alpha" => value.All(char.IsAsciiLetter),
            "length(3)" => value.Length == 3,
            _ => throw new InvalidOperationException(constraint),
        });
    }

    private static int Compare(string one, string other, int length)
    {
        string[] x = one[1..].Split('/');
        string[] y = other[1..].Split('/');
        for (int i = 0; i < length; i++)
        {
            int order = Comparer<(int, int, int, int)>.Default.Compare(Rank(x.ElementAtOrDefault(i)), Rank(y.ElementAtOrDefault(i)));
            order = order != 0 ? order : string.CompareOrdinal(Tie(x.ElementAtOrDefault(i)), Tie(y.ElementAtOrDefault(i)));
            if (order != 0)
            {
                return order;
            }
        }

        // The path has ended: what ends with it goes before what takes the empty rest.
        return x.ElementAtOrDefault(length)?.StartsWith("{*", StringComparison.Ordinal).CompareTo(
            y.ElementAtOrDefault(length)?.StartsWith("{*", StringComparison.Ordinal) ?? false) ?? (y.Length > length ? -1 : 0);
    }

    private static (int Kind, int Literal, int Constraints, int Prefix) Rank(string? segment)
    {
        if (segment is null || segment.StartsWith("{*", StringComparison.Ordinal))
        {
            return (2, 0, 0, 0);
        }

        if (!segment.Contains('{', StringComparison.Ordinal))
        {
            return (0, 0, 0, 0);
        }

        (string prefix, string[] constraints, string suffix) = Parts(segment);
        return (1, -prefix.Length - suffix.Length, -constraints.Length, -prefix.Length);
    }

    private static string Tie(string? segment)
    {
        if (segment is null || !segment.Contains('{', StringComparison.Ordinal))
        {
            return "";
        }

        (string prefix, string[] constraints, string suffix) = Parts(segment);
        return $"{prefix}\u0001{suffix}\u0001{string.Join(':', constraints)}";
    }

    private static (string Prefix, string[] Constraints, string Suffix) Parts(string segment)
    {
        int open = segment.IndexOf('{', StringComparison.Ordinal);
        int close = segment.IndexOf('}', StringComparison.Ordinal);
        return (segment[..open], [.. segment[(open + 1)..close].TrimEnd('?').Split(':').Skip(1)], segment[(close + 1)..]);
    }
}
