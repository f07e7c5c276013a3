namespace Gyre.Architecture.Tests;

/// <summary>The files of this repository as they stand on disk, read once.</summary>
internal static class Repository
{
    private static readonly HashSet<string> FoldersNotOurs = new(StringComparer.Ordinal)
    {
        "bin", "obj", ".git", ".vs", ".idea", "artifacts", "TestResults", "BenchmarkDotNet.Artifacts", "node_modules",
    };

    private static readonly HashSet<string> TextExtensions = new(StringComparer.Ordinal)
    {
        ".cs", ".csproj", ".props", ".targets", ".slnx", ".json", ".yml", ".yaml", ".md", ".txt", ".sh", ".py", ".lua", ".js", ".go",
        ".c", ".h", ".editorconfig", ".gitignore", ".gitattributes", ".dockerignore", ".config", ".conf", "",
    };

    private static readonly Lazy<string> LazyRoot = new(FindRoot);
    private static readonly Lazy<SourceFile[]> LazyFiles = new(() => ReadAll(Root));

    public static string Root => LazyRoot.Value;

    public static IReadOnlyList<SourceFile> Files => LazyFiles.Value;

    public static IEnumerable<SourceFile> CSharp => Files.Where(file => file.IsCSharp);

    public static IEnumerable<SourceFile> Under(params string[] folders) => Files.Where(file => folders.Any(file.IsUnder));

    public static SourceFile? Find(string path) => Files.FirstOrDefault(file => file.Path == path);

    /// <summary>Reads every text file below <paramref name="root"/> that a person wrote.</summary>
    public static SourceFile[] ReadAll(string root)
    {
        var files = new List<SourceFile>();
        var folders = new Stack<string>([root]);
        while (folders.TryPop(out var folder))
        {
            foreach (var child in Directory.GetDirectories(folder).Where(child => !FoldersNotOurs.Contains(Path.GetFileName(child))))
            {
                folders.Push(child);
            }

            var texts = Directory.GetFiles(folder).Where(IsOurText).Select(path => Read(root, path));
            files.AddRange(texts.Where(file => !file.Text.Contains('\0', StringComparison.Ordinal)));
        }

        return [.. files.OrderBy(file => file.Path, StringComparer.Ordinal)];
    }

    private static bool IsOurText(string path) =>
        TextExtensions.Contains(Path.GetExtension(path)) && Path.GetFileName(path) is not ("packages.lock.json" or ".git");

    private static SourceFile Read(string root, string path) =>
        new(Path.GetRelativePath(root, path).Replace('\\', '/'), File.ReadAllText(path));

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Directory.Packages.props")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException(
            $"No folder above {AppContext.BaseDirectory} holds Directory.Packages.props; run the tests from inside the repository.");
    }
}
