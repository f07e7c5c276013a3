using System.Text.RegularExpressions;

namespace Gyre.Architecture.Tests;

/// <summary>Rules that need to know nothing of a language.</summary>
internal static partial class TextRules
{
    public const int LineLengthMax = 160;

    private static readonly string[] LanguagesWithLineLength = [".cs", ".c", ".h", ".sh", ".py", ".lua", ".js", ".go"];
    private static readonly string[] LanguagesWithTabs = [".go"];
    private static readonly string[] DrawerNames = ["Util", "Utils", "Utilities", "Common", "Helpers"];

    public static IEnumerable<string> LineEnds(SourceFile file) =>
        Lines(file, line => line.EndsWith('\r'), "ends in CR LF; lines end in LF");

    public static IEnumerable<string> Tabs(SourceFile file) =>
        LanguagesWithTabs.Any(file.Path.EndsWith) || file.FileName == "Makefile"
            ? []
            : Lines(file, line => line.Contains('\t', StringComparison.Ordinal), "holds a tab; indent with spaces");

    public static IEnumerable<string> TrailingBlanks(SourceFile file) =>
        Lines(file, line => line.TrimEnd('\r').EndsWith(' ') || line.TrimEnd('\r').EndsWith('\t'), "ends in blanks");

    public static IEnumerable<string> FinalNewline(SourceFile file)
    {
        if (file.Text.Length > 0 && !file.Text.EndsWith('\n'))
        {
            yield return $"{file.Path}:{file.Lines.Length} isn't ended by a newline";
        }

        if (file.Text.EndsWith("\n\n", StringComparison.Ordinal))
        {
            yield return $"{file.Path}:{file.Lines.Length - 1} is an empty line at the end of the file";
        }
    }

    public static IEnumerable<string> LineLength(SourceFile file) =>
        LanguagesWithLineLength.Any(file.Path.EndsWith) || !file.FileName.Contains('.', StringComparison.Ordinal)
            ? Lines(file, line => line.Length > LineLengthMax, $"is longer than {LineLengthMax} characters")
            : [];

    public static IEnumerable<string> MergeMarks(SourceFile file) =>
        Lines(file, line => MergeMark().IsMatch(line.TrimEnd('\r')), "is a mark of an unfinished merge");

    public static IEnumerable<string> MachinePaths(SourceFile file) =>
        Lines(file, line => MachinePath().IsMatch(line), "names a path that only one machine has");

    public static IEnumerable<string> Drawers(SourceFile file) =>
        from part in file.Path.Split('/')
        let name = part.Split('.')[0]
        where DrawerNames.Any(drawer => name.EndsWith(drawer, StringComparison.OrdinalIgnoreCase))
        select $"{file.Path}:1 lies in '{part}', a drawer for anything; name it for what it holds";

    private static IEnumerable<string> Lines(SourceFile file, Func<string, bool> isWrong, string trouble) =>
        file.Lines.Select((line, index) => (line, at: index + 1))
            .Where(numbered => isWrong(numbered.line))
            .Select(numbered => $"{file.Path}:{numbered.at} {trouble}");

    [GeneratedRegex(@"^(<{7} .*|>{7} .*|\|{7} .*)$|^={7}$")]
    private static partial Regex MergeMark();

    // A path with one of these roots after a letter or digit is the tail of another path or of an address.
    [GeneratedRegex(@"(?<![\w.~$})\-])/(root|work|Users|home)/[\w.]|[A-Za-z]:\\Users\\")]
    private static partial Regex MachinePath();
}
