using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Mono.Cecil;

namespace Gyre.Architecture.Tests;

/// <summary>
/// One project as source and as compiled assembly, and the bridge between the two. Public types share the namespace
/// <c>Gyre</c> whatever their folder, so a type's room can only be told from the file that declares it; and what a type uses
/// can only be told from what the compiler made of it.
/// </summary>
internal sealed partial class CodeBase
{
    private readonly Dictionary<string, SourceFile> _fileOfType = [];

    public CodeBase(string folder, IReadOnlyList<SourceFile> files, ModuleDefinition module)
    {
        Folder = folder;
        Files = files;
        Module = module;
        foreach (var file in files)
        {
            foreach (var type in file.TopLevelTypes())
            {
                _fileOfType.TryAdd(MetadataName(type), file);
            }
        }
    }

    /// <summary>Path of the project from the root, for example <c>src/Gyre</c>.</summary>
    public string Folder { get; }

    public IReadOnlyList<SourceFile> Files { get; }

    public ModuleDefinition Module { get; }

    public string AssemblyName => Module.Assembly.Name.Name;

    public static CodeBase Load(string projectName)
    {
        var folder = $"src/{projectName}";
        var files = Repository.Under(folder).Where(file => file.IsCSharp).ToArray();
        return new CodeBase(folder, files, ModuleDefinition.ReadModule(Path.Combine(AppContext.BaseDirectory, projectName + ".dll")));
    }

    /// <summary>The path of the declaring file below the project ("Loop/ReadyQueue.cs"); null when no file declares the type.</summary>
    public string? FileOf(string topLevelType) =>
        _fileOfType.TryGetValue(topLevelType, out var file) ? file.Path[(Folder.Length + 1)..] : null;

    /// <summary>Every file that declares a part of each type, for the rule that a type lives in one room.</summary>
    public IEnumerable<(string Type, string File)> Declarations() =>
        from file in Files
        from type in file.TopLevelTypes()
        select (MetadataName(type), file.Path[(Folder.Length + 1)..]);

    /// <summary>The top-level types that people wrote: not the compiler's own, not a source generator's.</summary>
    public IEnumerable<TypeDefinition> WrittenTypes() => Module.Types.Where(type => !IsMadeByTheCompiler(type));

    /// <summary>The name under which the sources know a type; the compiler mangles those of file-local types.</summary>
    public static string SourceName(TypeReference type)
    {
        var name = FileLocalPrefix().Replace(type.Name, "");
        return type.Namespace.Length == 0 ? name : $"{type.Namespace}.{name}";
    }

    /// <summary>The name under which the compiled assembly knows a type that the sources declare.</summary>
    public static string MetadataName(MemberDeclarationSyntax type)
    {
        var (name, arity) = type switch
        {
            TypeDeclarationSyntax declared => (declared.Identifier.Text, declared.TypeParameterList?.Parameters.Count ?? 0),
            DelegateDeclarationSyntax declared => (declared.Identifier.Text, declared.TypeParameterList?.Parameters.Count ?? 0),
            BaseTypeDeclarationSyntax declared => (declared.Identifier.Text, 0),
            _ => throw new ArgumentException($"{type.Kind()} declares no type", nameof(type)),
        };
        var spaces = type.Ancestors().OfType<BaseNamespaceDeclarationSyntax>().Select(space => space.Name.ToString()).Reverse();
        var full = string.Join('.', spaces.Append(name));
        return arity == 0 ? full : $"{full}`{arity}";
    }

    /// <summary>Types that nobody wrote, such as the holder of the bytes of literals.</summary>
    public static bool IsMadeByTheCompiler(TypeReference type) =>
        (type.Name.StartsWith('<') && !FileLocalPrefix().IsMatch(type.Name))
        || type.Namespace is "Microsoft.CodeAnalysis" or "System.Runtime.CompilerServices" or "System.Runtime.InteropServices.Marshalling";

    [GeneratedRegex("^<[^>]*>F[0-9A-F]+__")]
    private static partial Regex FileLocalPrefix();
}
