using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Gyre.Architecture.Tests;

/// <summary>Rules over comments and declarations.</summary>
internal static partial class CodeRules
{
    private static readonly string[] OtherCode =
        [".c", ".h", ".sh", ".py", ".lua", ".js", ".go", ".csproj", ".props", ".targets", ".yml", ".yaml"];

    public static IEnumerable<string> Backlog(SourceFile file)
    {
        const string trouble = "holds a note to do later; do it, or file an issue";
        if (file.IsCSharp)
        {
            return Comments(file).SelectMany(comment => comment.Lines)
                .Where(line => BacklogWord().IsMatch(line.Text))
                .Select(line => $"{file.Path}:{line.At} {trouble}");
        }

        return OtherCode.Any(file.Path.EndsWith) || !file.FileName.Contains('.', StringComparison.Ordinal)
            ? file.Lines.Index().Where(line => BacklogWord().IsMatch(line.Item)).Select(line => $"{file.Path}:{line.Index + 1} {trouble}")
            : [];
    }

    public static IEnumerable<string> Unimplemented(SourceFile file) =>
        !file.IsCSharp ? [] : file.Root.DescendantNodes().OfType<IdentifierNameSyntax>()
            .Where(name => name.Identifier.Text == "NotImplementedException")
            .Select(name => $"{file.At(name)} throws NotImplementedException; implement it, or leave the member out");

    public static IEnumerable<string> Regions(SourceFile file) =>
        !file.IsCSharp ? [] : file.Root.DescendantTrivia()
            .Where(trivia => trivia.IsKind(SyntaxKind.RegionDirectiveTrivia))
            .Select(trivia => $"{file.Path}:{file.LineOf(trivia.SpanStart)} opens a region; split the file instead");

    /// <summary>A comment line that ends in a semicolon and parses as a statement or a member.</summary>
    public static IEnumerable<string> CommentedOutCode(SourceFile file) =>
        !file.IsCSharp ? [] : Comments(file)
            .Where(comment => !comment.IsDocumentation)
            .SelectMany(comment => comment.Lines)
            .Where(line => IsCode(line.Text.Trim().Trim('/', '*').Trim()))
            .Select(line => $"{file.Path}:{line.At} is commented-out code; delete it, the history keeps it");

    public static IEnumerable<string> PublicTypeOfFile(SourceFile file)
    {
        if (!file.IsCSharp || !file.IsUnder("src"))
        {
            yield break;
        }

        var names = file.TopLevelTypes()
            .Where(type => type.Modifiers.Any(SyntaxKind.PublicKeyword))
            .Select(CodeBase.MetadataName)
            .Select(name => name[(name.LastIndexOf('.') + 1)..].Split('`')[0])
            .Distinct()
            .ToArray();
        if (names.Length > 1)
        {
            yield return $"{file.Path}:1 declares several public types ({string.Join(", ", names)}); give each its own file";
        }
        else if (names.Length == 1 && !IsNamedFor(file.FileName, names[0]))
        {
            yield return $"{file.Path}:1 declares the public type {names[0]}; "
                + $"name it {names[0]}.cs, or {names[0]}.Concept.cs for a part of it";
        }
    }

    private static bool IsNamedFor(string fileName, string type)
    {
        var name = fileName.Split('.')[0];
        return name == type || new[] { "Of", "{" }.Any(generic => name.StartsWith(type + generic, StringComparison.Ordinal));
    }

    private static bool IsCode(string text)
    {
        if (!text.EndsWith(';'))
        {
            return false;
        }

        var member = SyntaxFactory.ParseMemberDeclaration(text, consumeFullText: true);
        var isMember = member is not null && !member.ContainsDiagnostics && member.Modifiers.Any();
        var statement = SyntaxFactory.ParseStatement(text, consumeFullText: true);
        return isMember || (!statement.ContainsDiagnostics && IsMoreThanProse(statement));
    }

    /// <summary>Words before a semicolon can parse as a declaration ("nothing happens;") or as a name ("done;").</summary>
    private static bool IsMoreThanProse(StatementSyntax statement) => statement switch
    {
        LocalDeclarationStatementSyntax local => local.Declaration.Variables.Any(variable => variable.Initializer is not null),
        ExpressionStatementSyntax expression => expression.Expression is not (SimpleNameSyntax or MemberAccessExpressionSyntax),
        EmptyStatementSyntax => false,
        _ => true,
    };

    private static IEnumerable<(bool IsDocumentation, IEnumerable<(string Text, int At)> Lines)> Comments(SourceFile file) =>
        from trivia in file.Root.DescendantTrivia()
        let kind = trivia.Kind()
        let isDocumentation = kind is SyntaxKind.SingleLineDocumentationCommentTrivia or SyntaxKind.MultiLineDocumentationCommentTrivia
        where isDocumentation || kind is SyntaxKind.SingleLineCommentTrivia or SyntaxKind.MultiLineCommentTrivia
        let first = file.LineOf(trivia.SpanStart)
        select (isDocumentation, trivia.ToFullString().Split('\n').Select((text, index) => (text, first + index)));

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b")]
    private static partial Regex BacklogWord();
}
