using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Gyre.Architecture.Tests;

/// <summary>One text file: its path from the root of the repository (forward slashes) and what it says.</summary>
internal sealed class SourceFile
{
    // DEBUG is defined so that the code behind `#if DEBUG` is read too, not skipped as trivia.
    private static readonly CSharpParseOptions ParseOptions =
        new(LanguageVersion.Preview, DocumentationMode.Parse, preprocessorSymbols: ["DEBUG", "NET", "NET10_0", "NET10_0_OR_GREATER"]);

    private readonly Lazy<SyntaxTree> _tree;

    public SourceFile(string path, string text)
    {
        Path = path;
        Text = text;
        Lines = text.Split('\n');
        _tree = new(() => CSharpSyntaxTree.ParseText(Text, ParseOptions, Path));
    }

    public string Path { get; }

    public string Text { get; }

    public string[] Lines { get; }

    public SyntaxTree Tree => _tree.Value;

    public SyntaxNode Root => Tree.GetRoot();

    public bool IsCSharp => Path.EndsWith(".cs", StringComparison.Ordinal);

    public string FileName => Path[(Path.LastIndexOf('/') + 1)..];

    public bool IsUnder(string folder) => Path.StartsWith(folder.TrimEnd('/') + "/", StringComparison.Ordinal);

    /// <summary>The types that this file declares outside any other type.</summary>
    public IEnumerable<MemberDeclarationSyntax> TopLevelTypes() =>
        Root.DescendantNodes(node => node is CompilationUnitSyntax or BaseNamespaceDeclarationSyntax)
            .OfType<MemberDeclarationSyntax>()
            .Where(node => node is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax);

    /// <summary>"path:line", with the line counted from one as editors do.</summary>
    public string At(SyntaxNode node) => At(node.GetFirstToken());

    public string At(SyntaxToken token) => $"{Path}:{LineOf(token.SpanStart)}";

    public int LineOf(int position) => Tree.GetText().Lines.GetLineFromPosition(position).LineNumber + 1;
}
