namespace Gyre.Package.Tests;

/// <summary>
/// A folder of packages, packed from the sources once for all tests. The build that packs them keeps its intermediate files
/// in the same temporary folder, so that it disturbs no build of the repository that runs at the same time.
/// </summary>
public sealed class Feed : IDisposable
{
    private static readonly TimeSpan PackTimeMax = TimeSpan.FromMinutes(5);

    private readonly string _root = Directory.CreateTempSubdirectory("gyre-packages-").FullName;

    public Feed()
    {
        try
        {
            PackAll();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Path of the dotnet command that runs this test.</summary>
    public static string Dotnet { get; } = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } path ? path : "dotnet";

    public static string RepositoryRoot { get; } = FindRepository();

    /// <summary>Where the packages lie.</summary>
    public string Folder => Path.Combine(_root, "feed");

    /// <summary>An empty folder outside the repository, removed at the end.</summary>
    public string CreateFolder(string name) => Directory.CreateDirectory(Path.Combine(_root, name)).FullName;

    internal PackageFile Open(string id, string extension)
    {
        // "Gyre.*" also finds "Gyre.Http.*"; what follows the name is the version, a digit.
        var files = Directory.GetFiles(Folder, $"{id}.*.{extension}");
        var found = files.Where(path => char.IsAsciiDigit(Path.GetFileName(path)[id.Length + 1])).ToArray();
        return found.Length == 1
            ? new PackageFile(found[0])
            : throw new InvalidOperationException($"{found.Length} packages {id}.*.{extension}, not one: {string.Join(", ", files)}");
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private void PackAll()
    {
        foreach (var project in Directory.GetFiles(Path.Combine(RepositoryRoot, "src"), "*.csproj", SearchOption.AllDirectories))
        {
            Command.Run(
                Dotnet,
                RepositoryRoot,
                [
                    "pack", project, "--configuration", "Release", "--output", Folder,
                    "--artifacts-path", Path.Combine(_root, "artifacts"), "-property:UseArtifactsOutput=true",
                    "-nodeReuse:false", "-property:UseSharedCompilation=false",
                ],
                PackTimeMax);
        }
    }

    private static string FindRepository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Directory.Packages.props")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("These tests pack the sources; run them inside the repository.");
    }
}
