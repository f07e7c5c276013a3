using Xunit;

namespace Gyre.Architecture.Tests;

/// <summary>A banned symbol says what to use instead: a ban without a way out teaches nobody.</summary>
public sealed class BannedSymbolsTests
{
    // Shorter texts were all of the kind "don't".
    private const int ReplacementLengthMin = 12;

    [Fact]
    public void Every_banned_symbol_names_its_replacement()
    {
        var lists = Repository.Files.Where(file => file.FileName == "BannedSymbols.txt").ToArray();
        Assert.NotEmpty(lists);
        Expect.Nothing(lists.SelectMany(Unexplained));
    }

    [Fact]
    public void A_ban_without_a_replacement_is_reported()
    {
        Expect.One("a.txt:2 bans T:System.B without", Unexplained(new("a.txt", "T:System.A;Use the clock of the loop\nT:System.B\n")));
        Expect.One("a.txt:1 bans T:System.A without", Unexplained(new("a.txt", "T:System.A;no\n")));
        Expect.One("a.txt:1 doesn't start with", Unexplained(new("a.txt", "System.A;Use the clock of the loop\n")));
        Expect.Nothing(Unexplained(new("a.txt", "// A comment of the analyzer's kind.\n\nT:System.A;Use the clock of the loop\n")));
    }

    private static IEnumerable<string> Unexplained(SourceFile list)
    {
        foreach (var (line, at) in list.Lines.Select((line, index) => (line.Trim(), index + 1)))
        {
            if (line.Length == 0 || line.StartsWith("//", StringComparison.Ordinal))
            {
                continue;
            }

            var parts = line.Split(';', 2, StringSplitOptions.TrimEntries);
            if (line.Length < 2 || line[1] != ':' || !"TMPFEN".Contains(line[0], StringComparison.Ordinal))
            {
                yield return $"{list.Path}:{at} doesn't start with the kind of symbol (T:, M:, P:, F:, E:, N:), so it bans nothing: {line}";
            }
            else if (parts.Length < 2 || parts[1].Length < ReplacementLengthMin)
            {
                yield return $"{list.Path}:{at} bans {parts[0]} without saying, after a semicolon, what to use instead";
            }
        }
    }
}
