using System.Text.RegularExpressions;

namespace Gyre.Architecture.Tests;

/// <summary>Links in Markdown that point into this repository, and whether anything is there.</summary>
/// <param name="exists">Whether a path from the root is a file or folder.</param>
/// <param name="find">The text file at a path from the root, or null.</param>
internal sealed partial class Links(Func<string, bool> exists, Func<string, SourceFile?> find)
{
    public IEnumerable<string> Broken(SourceFile page)
    {
        foreach (var (line, at) in Prose(page))
        {
            foreach (var target in Targets(line).Where(target => !Address().IsMatch(target)))
            {
                if (Trouble(page, target) is { } trouble)
                {
                    yield return $"{page.Path}:{at} links to {target}, {trouble}";
                }
            }
        }
    }

    private static IEnumerable<string> Targets(string line) =>
        InlineLink().Matches(line).Concat(Definition().Matches(line)).Select(match => match.Groups[1].Value.Trim('<', '>'));

    private string? Trouble(SourceFile page, string target)
    {
        var parts = target.Split('#', 2);
        var path = parts[0].Length == 0 ? page.Path : Resolve(page.Path, Uri.UnescapeDataString(parts[0]));
        if (path is null || !exists(path))
        {
            return "which doesn't exist";
        }

        // Only Markdown has headings; "#L10" on a source file is the viewer's business.
        if (parts.Length == 1 || !path.EndsWith(".md", StringComparison.Ordinal))
        {
            return null;
        }

        return find(path) is { } linked && Anchors(linked).Contains(parts[1]) ? null : $"but {path} has no heading of that name";
    }

    /// <summary>The path from the root; null when it leaves the repository.</summary>
    private static string? Resolve(string page, string target)
    {
        var parts = new List<string>(target.StartsWith('/') ? [] : page.Split('/')[..^1]);
        foreach (var part in target.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(part => part != "."))
        {
            if (part != "..")
            {
                parts.Add(part);
            }
            else if (parts.Count > 0)
            {
                parts.RemoveAt(parts.Count - 1);
            }
            else
            {
                return null;
            }
        }

        return string.Join('/', parts);
    }

    /// <summary>The names that the forges give to headings: lower case, punctuation dropped, blanks to hyphens, repeats numbered.</summary>
    private static HashSet<string> Anchors(SourceFile page)
    {
        var anchors = new HashSet<string>();
        foreach (var (line, _) in Prose(page, keepCode: true))
        {
            anchors.UnionWith(HtmlAnchor().Matches(line).Select(match => match.Groups[1].Value));
            if (Heading().Match(line) is { Success: true } heading)
            {
                var text = InlineLinkText().Replace(heading.Groups[1].Value, "$1");
                var slug = NotInAnchor().Replace(text.Trim().ToLowerInvariant(), "").Replace(' ', '-');
                var repeats = Enumerable.Range(1, 1000).Select(number => $"{slug}-{number}");
                anchors.Add(repeats.Prepend(slug).First(name => !anchors.Contains(name)));
            }
        }

        return anchors;
    }

    /// <summary>The lines outside fenced code, numbered from one.</summary>
    private static IEnumerable<(string Line, int At)> Prose(SourceFile page, bool keepCode = false)
    {
        var isFenced = false;
        foreach (var (index, line) in page.Lines.Index())
        {
            if (line.TrimStart().StartsWith("```", StringComparison.Ordinal))
            {
                isFenced = !isFenced;
            }
            else if (!isFenced)
            {
                yield return (keepCode ? line : InlineCode().Replace(line, ""), index + 1);
            }
        }
    }

    [GeneratedRegex(@"\]\((<[^>]+>|[^)\s]+)(?:\s+""[^""]*"")?\)")]
    private static partial Regex InlineLink();

    [GeneratedRegex(@"\[([^\]]*)\]\([^)]*\)")]
    private static partial Regex InlineLinkText();

    [GeneratedRegex(@"^\s{0,3}\[[^\]]+\]:\s*(\S+)")]
    private static partial Regex Definition();

    [GeneratedRegex("^([A-Za-z][A-Za-z0-9+.-]*:|//)")]
    private static partial Regex Address();

    [GeneratedRegex(@"^#{1,6}\s+(.*?)\s*#*\s*$")]
    private static partial Regex Heading();

    [GeneratedRegex(@"<a\s+(?:id|name)=""([^""]+)""")]
    private static partial Regex HtmlAnchor();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchor();

    [GeneratedRegex("`[^`]*`")]
    private static partial Regex InlineCode();
}
