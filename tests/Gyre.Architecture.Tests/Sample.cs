using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Mono.Cecil;

namespace Gyre.Architecture.Tests;

/// <summary>Compiles code given as text, so that every rule is seen to fail where it should.</summary>
internal static class Sample
{
    private static readonly Lazy<MetadataReference[]> Bcl = new(() =>
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path).StartsWith("System.", StringComparison.Ordinal))
            .Select(path => MetadataReference.CreateFromFile(path))]);

    public static SourceFile File(string path, string text) => new(path, text);

    /// <param name="assembly">Name of the assembly; its project folder is <c>src/</c> and this name.</param>
    /// <param name="files">Path below the project, and text.</param>
    public static CodeBase Compile(string assembly, params (string Path, string Text)[] files) => CompileAgainst([], assembly, files);

    public static CodeBase CompileAgainst(CodeBase[] projects, string assembly, params (string Path, string Text)[] files)
    {
        var sources = files.Select(file => new SourceFile($"src/{assembly}/{file.Path}", file.Text)).ToArray();
        var options = new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true);
        var references = Bcl.Value.Concat(projects.Select(Reference));
        var compilation = CSharpCompilation.Create(assembly, sources.Select(source => source.Tree), references, options);
        var image = new MemoryStream();
        var result = compilation.Emit(image);
        if (!result.Success)
        {
            throw new InvalidOperationException("The sample doesn't compile: " + string.Join("; ", result.Diagnostics));
        }

        image.Position = 0;
        return new CodeBase($"src/{assembly}", sources, ModuleDefinition.ReadModule(image));
    }

    private static MetadataReference Reference(CodeBase project)
    {
        var image = new MemoryStream();
        project.Module.Write(image);
        return MetadataReference.CreateFromImage(image.ToArray());
    }
}
