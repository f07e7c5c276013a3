using System.Net;
using System.Text.RegularExpressions;
using Xunit;

namespace Gyre.Package.Tests;

/// <summary>An empty project outside the repository, given nothing but the packages, serves HTTP.</summary>
public sealed partial class ConsumerTests(Feed feed)
{
    private static readonly TimeSpan BuildTimeMax = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan StartTimeMax = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan RequestTimeMax = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task An_empty_project_with_the_packages_serves_HTTP()
    {
        var folder = Build("consumer", ConsumerProgram.Text);

        using var server = Command.Start(Feed.Dotnet, folder, [Path.Combine(folder, "out", "Consumer.dll")]);
        var address = server.WaitForLine(AddressIn, StartTimeMax);
        using var client = new HttpClient { Timeout = RequestTimeMax };
        using var response = await client.GetAsync(address, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(ConsumerProgram.Body, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public void The_program_of_the_readme_prints_what_the_readme_says()
    {
        var readme = File.ReadAllText(Path.Combine(Feed.RepositoryRoot, "README.md"));
        var folder = Build("readme", CodeBlock(readme, "csharp"));

        var printed = Command.Run(Feed.Dotnet, folder, [Path.Combine(folder, "out", "Consumer.dll")], StartTimeMax);

        Assert.Equal(CodeBlock(readme, "text").Trim(), printed.Trim());
    }

    /// <summary>The first block of that language.</summary>
    private static string CodeBlock(string markdown, string language)
    {
        var fence = $"```{language}\n";
        var start = markdown.IndexOf(fence, StringComparison.Ordinal) + fence.Length;
        return markdown[start..markdown.IndexOf("```", start, StringComparison.Ordinal)];
    }

    private string Build(string name, string program)
    {
        var folder = feed.CreateFolder(name);
        WriteProject(folder, program);
        // NUGET_PACKAGES would win over nuget.config, and packages of an earlier run over the ones just packed.
        var environment = new Dictionary<string, string> { ["NUGET_PACKAGES"] = Path.Combine(folder, "packages") };
        Command.Run(
            Feed.Dotnet,
            folder,
            ["build", "--configuration", "Release", "--output", "out", "-nodeReuse:false", "-property:UseSharedCompilation=false"],
            BuildTimeMax,
            environment);
        return folder;
    }

    /// <summary>
    /// The feed is the only source, so that a package of the same name from elsewhere can't get in; the few packages of others that ours
    /// depend on are in the folder that this repository was restored to. The empty props files keep out what may lie in the folders above.
    /// </summary>
    private void WriteProject(string folder, string program)
    {
        using var package = feed.Open("Gyre.Http", "nupkg");
        File.WriteAllText(Path.Combine(folder, "Directory.Build.props"), "<Project />");
        File.WriteAllText(Path.Combine(folder, "Directory.Packages.props"), "<Project />");
        File.WriteAllText(Path.Combine(folder, "Program.cs"), program);
        File.WriteAllText(
            Path.Combine(folder, "nuget.config"),
            $"""
            <configuration>
              <packageSources><clear /><add key="feed" value="{feed.Folder}" /></packageSources>
              <fallbackPackageFolders><clear /><add key="restored" value="{RestoredPackages}" /></fallbackPackageFolders>
            </configuration>
            """);
        File.WriteAllText(
            Path.Combine(folder, "Consumer.csproj"),
            $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <OutputType>Exe</OutputType>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <UseAppHost>false</UseAppHost>
              </PropertyGroup>
              <ItemGroup><PackageReference Include="Gyre.Http" Version="{package.Value("version")}" /></ItemGroup>
            </Project>
            """);
    }

    private static string RestoredPackages => Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    private static string? AddressIn(string line) => Address().Match(line) is { Success: true } match ? match.Value : null;

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+")]
    private static partial Regex Address();
}
