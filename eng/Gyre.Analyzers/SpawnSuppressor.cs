using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Gyre.Analyzers;

/// <summary>Takes back the compiler's warning that the result of a spawn isn't awaited.</summary>
/// <remarks>
/// A coroutine is a future and so can be awaited, and of every call that returns such a thing the compiler says, in an async
/// method, that it isn't (CS4014). But whoever spawned into a group or a loop need not await: the owner does, and no failure
/// is lost.
/// </remarks>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class SpawnSuppressor : DiagnosticSuppressor
{
    private static readonly SuppressionDescriptor s_owned = new(
        "GYRE0001", "CS4014", "The group or loop that a coroutine was spawned into awaits it and answers for its failure.");

    /// <inheritdoc/>
    public override ImmutableArray<SuppressionDescriptor> SupportedSuppressions { get; } = [s_owned];

    /// <inheritdoc/>
    public override void ReportSuppressions(SuppressionAnalysisContext context)
    {
        foreach (Diagnostic diagnostic in context.ReportedDiagnostics)
        {
            if (diagnostic.Location.SourceTree is { } tree)
            {
                SyntaxNode node = tree.GetRoot(context.CancellationToken).FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true);
                if (node is InvocationExpressionSyntax call && IsSpawn(context.GetSemanticModel(tree).GetSymbolInfo(call, context.CancellationToken).Symbol))
                {
                    context.ReportSuppression(Suppression.Create(s_owned, diagnostic));
                }
            }
        }
    }

    /// <summary>By its result: whatever of Gyre hands out a coroutine has given it an owner.</summary>
    private static bool IsSpawn(ISymbol? called) =>
        called is IMethodSymbol { ReturnType: { Name: "Coroutine", ContainingNamespace: { Name: "Gyre" } room } } &&
        room.ContainingNamespace.IsGlobalNamespace;
}
