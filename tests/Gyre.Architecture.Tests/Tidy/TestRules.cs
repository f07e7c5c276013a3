using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Gyre.Architecture.Tests;

/// <summary>Rules for the files below tests/.</summary>
internal static class TestRules
{
    private static readonly string[] Waits = ["Thread.Sleep", "Task.Delay"];

    public static IEnumerable<string> Sleeps(SourceFile file) =>
        !IsTest(file) ? [] : file.Root.DescendantNodes().OfType<MemberAccessExpressionSyntax>()
            .Where(access => Waits.Any(wait => EndsIn(access, wait)))
            .Select(access => $"{file.At(access)} waits for the clock ({access}); wait for the event itself, or use virtual time");

    /// <summary>A test may find at run time that a part is missing (Assert.Skip); what is switched off in the source rots.</summary>
    public static IEnumerable<string> Skips(SourceFile file) =>
        !IsTest(file) ? [] : file.Root.DescendantNodes().OfType<AttributeArgumentListSyntax>()
            .Where(list => Names(list).Contains("Skip") && !Names(list).Intersect(["SkipUnless", "SkipWhen"]).Any())
            .Select(list => $"{file.At(list)} switches a test off; mend it or delete it");

    private static bool IsTest(SourceFile file) => file.IsCSharp && file.IsUnder("tests");

    private static bool EndsIn(MemberAccessExpressionSyntax access, string wait)
    {
        var text = access.ToString();
        return text == wait || text.EndsWith("." + wait, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Names(AttributeArgumentListSyntax list) =>
        list.Arguments.Select(argument => argument.NameEquals?.Name.Identifier.Text).OfType<string>();
}
