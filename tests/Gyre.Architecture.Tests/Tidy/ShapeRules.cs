using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Gyre.Architecture.Tests;

/// <summary>How long files and functions are, and how deep.</summary>
internal static class ShapeRules
{
    public const int FileLinesMax = 500;
    public const int FunctionLinesMax = 70;
    public const int NestingLevelsMax = 3;

    public static IEnumerable<string> FileLength(SourceFile file)
    {
        // The text after the last newline is no line.
        var count = file.Lines.Length - 1;
        if (file.IsCSharp && count > FileLinesMax)
        {
            yield return $"{file.Path}:1 has {count} lines, more than {FileLinesMax}; split it by concept";
        }
    }

    public static IEnumerable<string> FunctionLength(SourceFile file) =>
        from function in Functions(file)
        let first = function.ChildNodesAndTokens().First(child => !child.IsKind(SyntaxKind.AttributeList))
        let count = file.LineOf(function.Span.End - 1) - file.LineOf(first.SpanStart) + 1
        where count > FunctionLinesMax
        select $"{file.Path}:{file.LineOf(first.SpanStart)} {Name(function)} has {count} lines, more than {FunctionLinesMax}";

    public static IEnumerable<string> Nesting(SourceFile file)
    {
        foreach (var function in Functions(file))
        {
            var tooDeep = function.DescendantNodes(node => node == function || !IsFunction(node))
                .FirstOrDefault(node => IsLevel(node) && LevelsIn(function, node) > NestingLevelsMax);
            if (tooDeep is not null)
            {
                yield return $"{file.At(tooDeep)} {Name(function)} is nested more than {NestingLevelsMax} levels deep; "
                    + "return early, or give the inside a name";
            }
        }
    }

    private static IEnumerable<SyntaxNode> Functions(SourceFile file) =>
        file.IsCSharp ? file.Root.DescendantNodesAndSelf().Where(IsFunction) : [];

    /// <summary>A lambda is a function of its own; so are the top-level statements of a program, taken together.</summary>
    private static bool IsFunction(SyntaxNode node) =>
        node is BaseMethodDeclarationSyntax or AccessorDeclarationSyntax
        || node is LocalFunctionStatementSyntax or AnonymousFunctionExpressionSyntax
        || (node is GlobalStatementSyntax global && global.Statement is not LocalFunctionStatementSyntax);

    private static int LevelsIn(SyntaxNode function, SyntaxNode inside) =>
        inside.AncestorsAndSelf().TakeWhile(node => node != function).Count(IsLevel);

    private static bool IsLevel(SyntaxNode node) => node switch
    {
        IfStatementSyntax => node.Parent is not ElseClauseSyntax,
        UsingStatementSyntax => node.Parent is not UsingStatementSyntax,
        CommonForEachStatementSyntax or ForStatementSyntax or WhileStatementSyntax or DoStatementSyntax => true,
        SwitchStatementSyntax or TryStatementSyntax or LockStatementSyntax => true,
        _ => false,
    };

    private static string Name(SyntaxNode function) => function switch
    {
        MethodDeclarationSyntax method => method.Identifier.Text,
        ConstructorDeclarationSyntax constructor => constructor.Identifier.Text,
        LocalFunctionStatementSyntax local => local.Identifier.Text,
        AccessorDeclarationSyntax accessor => $"the accessor '{accessor.Keyword.Text}'",
        AnonymousFunctionExpressionSyntax => "a lambda",
        GlobalStatementSyntax => "a top-level statement",
        _ => "a member",
    };
}
