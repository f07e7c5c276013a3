using Xunit;

namespace Gyre.Package.Tests;

/// <summary>What each package brings along for the one who installs it.</summary>
public sealed class PackageTests(Feed feed)
{
    private static readonly TimeSpan GitTimeMax = TimeSpan.FromSeconds(20);

    public static TheoryData<string> Libraries => ["Gyre", "Gyre.Http", "Gyre.Simulation"];

    [Theory]
    [MemberData(nameof(Libraries))]
    public void A_package_holds_the_assembly_its_documentation_and_the_readme(string id)
    {
        using var package = feed.Open(id, "nupkg");
        Assert.Contains($"lib/net10.0/{id}.dll", package.Entries);
        Assert.Contains($"<name>{id}</name>", package.Text($"lib/net10.0/{id}.xml"), StringComparison.Ordinal);
        Assert.Equal("README.md", package.Value("readme"));
        Assert.Equal(File.ReadAllText(Path.Combine(Feed.RepositoryRoot, "README.md")), package.Text("README.md"));
    }

    [Theory]
    [MemberData(nameof(Libraries))]
    public void A_package_says_its_licence_purpose_and_commit(string id)
    {
        using var package = feed.Open(id, "nupkg");
        Assert.Equal("MIT", package.Value("license"));
        Assert.Equal("expression", package.Element("license").Attribute("type")?.Value);
        Assert.NotEmpty(package.Value("description"));
        var repository = package.Element("repository");
        Assert.Equal("git", repository.Attribute("type")?.Value);
        Assert.StartsWith("https://", repository.Attribute("url")?.Value, StringComparison.Ordinal);
        Assert.Equal(HeadCommit(), repository.Attribute("commit")?.Value);
    }

    [Theory]
    [InlineData("Gyre")]
    [InlineData(
        "Gyre.Http",
        "Gyre",
        "Microsoft.AspNetCore.DataProtection.Abstractions",
        "Microsoft.AspNetCore.WebUtilities",
        "Microsoft.Extensions.Logging.Abstractions",
        "System.Threading.RateLimiting")]
    [InlineData("Gyre.Simulation", "Gyre")]
    public void A_package_depends_on_nothing_but(string id, params string[] dependencies)
    {
        using var package = feed.Open(id, "nupkg");
        Assert.Equal(dependencies, package.Dependencies);
    }

    [Theory]
    [MemberData(nameof(Libraries))]
    public void A_symbol_package_leads_a_debugger_to_every_source(string id)
    {
        using var package = feed.Open(id, "snupkg");
        using var provider = package.Symbols($"lib/net10.0/{id}.pdb");
        var symbols = provider.GetMetadataReader();
        var map = Assert.Single(SymbolFacts.SourceLink(symbols));
        // "/_/" stands for the root of the repository; anything else would be the path of the machine that packed.
        Assert.Equal("/_/*", map.Key);
        Assert.StartsWith("https://", map.Value, StringComparison.Ordinal);
        Assert.Contains(HeadCommit(), map.Value, StringComparison.Ordinal);
        Assert.Empty(SymbolFacts.UnreachableSources(symbols));
    }

    private static string HeadCommit() => Command.Run("git", Feed.RepositoryRoot, ["rev-parse", "HEAD"], GitTimeMax).Trim();
}
