using System.Text.RegularExpressions;

namespace Gyre.Guide.Tests;

/// <summary>Code and output in the pages of the guide, and the snippets in the sources of their tests, by name.</summary>
internal static partial class Blocks
{
    /// <summary>The text of a page or a source.</summary>
    public static string Read(string name)
    {
        using Stream stream = typeof(Blocks).Assembly.GetManifestResourceStream(name)
            ?? throw new FileNotFoundException($"{name} isn't embedded in the tests of the guide.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>The texts of all sources below a folder, one behind the other.</summary>
    public static string ReadAll(string folder) => string.Concat(
        typeof(Blocks).Assembly.GetManifestResourceNames().Where(name => name.StartsWith($"{folder}/", StringComparison.Ordinal)).Select(Read));

    /// <summary>The fenced blocks of a page: language, name and text.</summary>
    public static IEnumerable<(string Language, string Name, string Text)> Fenced(string page) =>
        Fence().Matches(page).Select(static match => (match.Groups[1].Value, match.Groups[2].Value, match.Groups[3].Value));

    /// <summary>What stands between <c>// &lt;name&gt;</c> and <c>// &lt;/name&gt;</c>, moved to the left margin.</summary>
    public static Dictionary<string, string> Snippets(string source) =>
        Snippet().Matches(source).ToDictionary(static match => match.Groups[1].Value, static match => Dedent(match.Groups[2].Value));

    private static string Dedent(string text)
    {
        string[] lines = text.Split('\n');
        int margin = lines.Where(static line => line.Length > 0).Min(static line => line.Length - line.TrimStart().Length);
        return string.Join('\n', lines.Select(line => line.Length == 0 ? line : line[margin..]));
    }

    [GeneratedRegex(@"^```(\w*) ?([\w-]*)\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"^ *// <([\w-]+)>\n(.*?)^ *// </\1>$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Snippet();
}
