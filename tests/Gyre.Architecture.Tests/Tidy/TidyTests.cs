using Xunit;

namespace Gyre.Architecture.Tests;

/// <summary>The house rules over the text, asserted on every file of the repository.</summary>
public sealed class TidyTests
{
    public static TheoryData<string> Rules => [.. TidyRule.All.Select(rule => rule.Name)];

    [Theory]
    [MemberData(nameof(Rules))]
    public void The_repository_keeps_the_rule(string name)
    {
        var rule = TidyRule.All.Single(rule => rule.Name == name);
        Expect.Nothing(Repository.Files.Where(file => !rule.Exempt.Any(entry => entry.Covers(file))).SelectMany(rule.Check));
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public void Every_exemption_is_explained_and_still_needed(string name)
    {
        var rule = TidyRule.All.Single(rule => rule.Name == name);
        Expect.Nothing(
            from entry in rule.Exempt
            where entry.Reason.Length == 0 || !Repository.Files.Where(entry.Covers).SelectMany(rule.Check).Any()
            select $"AllowLists: {entry.Path} needs no exemption from '{name}' any more, or gives no reason; delete the entry");
    }

    [Fact]
    public void Every_link_in_the_docs_leads_somewhere()
    {
        var links = new Links(path => Path.Exists(Path.Combine(Repository.Root, path)), Repository.Find);
        Expect.Nothing(Repository.Files.Where(file => file.Path.EndsWith(".md", StringComparison.Ordinal)).SelectMany(links.Broken));
    }

    [Fact]
    public void Every_sample_is_run_by_something() => Expect.Nothing(Samples.ThatNothingRuns(Repository.Files));
}
