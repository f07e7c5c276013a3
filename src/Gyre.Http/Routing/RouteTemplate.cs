using System.Diagnostics;
using System.Text;

namespace Gyre.Http.Routing;

/// <summary>A route's template, read once when the route is added: <c>/users/{id:int}/files/{*path}</c>.</summary>
[DebuggerDisplay("{Text,nq}")]
internal sealed class RouteTemplate
{
    /// <summary>Bounds the recursion of the search; nobody nests deeper.</summary>
    private const int SegmentsMax = 64;

    private RouteTemplate(string text, RouteSegment[] segments, string? optionalPart)
    {
        Text = text;
        bool isLastOptional = optionalPart is not null;
        Shortest = text.Length - 1 - (optionalPart?.Length ?? -1) is > 0 and int length ? text[..length] : "/";
        Segments = segments;
        IsLastOptional = isLastOptional;
        Names = [.. segments.Where(static segment => !segment.IsLiteral).Select(static segment => segment.Name!)];
    }

    public string Text { get; }

    /// <summary>Without the optional segment, if it has one.</summary>
    public string Shortest { get; }

    /// <summary>One for each part between slashes; the last is empty when the template ends in a slash.</summary>
    public RouteSegment[] Segments { get; }

    /// <summary>Whether the path may end before the last segment.</summary>
    public bool IsLastOptional { get; }

    /// <summary>The parameters, in the order in which they occur.</summary>
    public string[] Names { get; }

    /// <summary>Whether the path must be the template, byte for byte.</summary>
    public bool IsLiteral => Names.Length == 0 && !Text.AsSpan().ContainsAnyExceptInRange('!', '~');

    /// <exception cref="ArgumentException">Not a template; the message says what is wrong.</exception>
    public static RouteTemplate Parse(string text, RouteConstraints constraints)
    {
        if (!text.StartsWith('/'))
        {
            throw Wrong(text, "it must begin with '/'");
        }

        List<string> parts = SplitAtSlashes(text);
        if (parts.Count > SegmentsMax)
        {
            throw Wrong(text, $"it has {parts.Count} segments, and {SegmentsMax} is the limit");
        }

        var segments = new RouteSegment[parts.Count];
        bool isOptional = false;
        for (int i = 0; i < segments.Length; i++)
        {
            bool isLast = i == segments.Length - 1;
            segments[i] = ParseSegment(parts[i], isLast, text, constraints, out isOptional);
            if (isOptional && !isLast)
            {
                throw Wrong(text, $"'{parts[i]}' is optional, which only the last segment can be");
            }
        }

        var template = new RouteTemplate(text, segments, isOptional ? parts[^1] : null);
        return template.Names.Distinct(StringComparer.Ordinal).Count() == template.Names.Length
            ? template
            : throw Wrong(text, "two parameters have the same name");
    }

    /// <summary>Slashes within braces belong to a constraint's arguments.</summary>
    private static List<string> SplitAtSlashes(string text)
    {
        var parts = new List<string>();
        int depth = 0;
        int start = 1;
        for (int i = 1; i < text.Length; i++)
        {
            depth += text[i] switch { '{' => 1, '}' => -1, _ => 0 };
            if (text[i] == '/' && depth == 0)
            {
                parts.Add(text[start..i]);
                start = i + 1;
            }
        }

        parts.Add(text[start..]);
        return parts;
    }

    private static RouteSegment ParseSegment(string part, bool isLast, string text, RouteConstraints constraints, out bool isOptional)
    {
        isOptional = false;
        int open = part.IndexOf('{', StringComparison.Ordinal);
        int close = part.LastIndexOf('}');
        if (open < 0 && close < 0)
        {
            VerifyLiteral(part, isLast, text);
            return RouteSegment.Literal(part);
        }

        if (open < 0 || close < open)
        {
            throw Wrong(text, $"the braces of '{part}' don't match");
        }

        string prefix = part[..open];
        string suffix = part[(close + 1)..];
        string inside = part[(open + 1)..close];
        bool isCatchAll = inside.StartsWith('*');
        isOptional = inside.EndsWith('?');
        inside = inside[(isCatchAll ? 1 : 0)..(isOptional ? ^1 : ^0)];
        List<string> pieces = SplitAtColons(inside);
        string name = pieces[0];
        VerifyParameter(part, name, text);
        if ((isCatchAll || isOptional) && (prefix.Length + suffix.Length > 0 || (isCatchAll && (isOptional || !isLast))))
        {
            throw Wrong(text, $"'{part}' must be a whole segment, and a catch-all the last one; it takes none or many anyway");
        }

        string[] texts = [.. pieces.Skip(1)];
        if (isCatchAll && texts.Length > 0)
        {
            throw Wrong(text, $"the catch-all '{part}' can't have constraints; check the value in the handler");
        }

        VerifyCharacters(prefix, text);
        VerifyCharacters(suffix, text);
        return new RouteSegment(
            Encoding.UTF8.GetBytes(prefix),
            name,
            Encoding.UTF8.GetBytes(suffix),
            texts,
            [.. texts.Select(constraint => constraints.Get(constraint, text))],
            isCatchAll);
    }

    /// <summary>Colons within parentheses belong to a constraint's arguments.</summary>
    private static List<string> SplitAtColons(string inside)
    {
        var pieces = new List<string>();
        int depth = 0;
        int start = 0;
        for (int i = 0; i < inside.Length; i++)
        {
            depth += inside[i] switch { '(' => 1, ')' => -1, _ => 0 };
            if (inside[i] == ':' && depth == 0)
            {
                pieces.Add(inside[start..i]);
                start = i + 1;
            }
        }

        pieces.Add(inside[start..]);
        return pieces;
    }

    private static void VerifyParameter(string part, string name, string text)
    {
        if (name.Length == 0 || !name.All(static c => char.IsAsciiLetterOrDigit(c) || c == '_'))
        {
            throw Wrong(
                text,
                $"'{part}' isn't one parameter, written {{name}}, {{name:constraint}}, {{name?}} or {{*name}}, whose name has ASCII letters, digits and '_'");
        }
    }

    private static void VerifyLiteral(string part, bool mayBeEmpty, string text)
    {
        if (part.Length == 0 && !mayBeEmpty)
        {
            throw Wrong(text, "a segment between two slashes is empty, and no path with one is served");
        }

        if (part is "." or "..")
        {
            throw Wrong(text, $"it has the segment '{part}', and no path with one is served");
        }

        VerifyCharacters(part, text);
    }

    private static void VerifyCharacters(string part, string text)
    {
        if (part.AsSpan().IndexOfAny('?', '#', '%') >= 0 || part.Any(static c => char.IsControl(c) || c is '{' or '}'))
        {
            throw Wrong(text, $"'{part}' holds a brace, a control character, '?', '#' or '%'; write the path decoded, without query");
        }
    }

    private static ArgumentException Wrong(string text, string what) => new($"'{text}' is no template of a route: {what}.");
}
