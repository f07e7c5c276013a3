using Xunit;

namespace Gyre.Architecture.Tests;

/// <summary>Assertions over lists of sentences, one violation each.</summary>
internal static class Expect
{
    public static void Nothing(IEnumerable<string> violations, string remedy = "")
    {
        var told = violations.ToArray();
        var lines = told.Prepend($"{told.Length} found:").Append(remedy);
        Assert.True(told.Length == 0, string.Join(Environment.NewLine, lines).TrimEnd());
    }

    /// <summary>Exactly one violation, which contains <paramref name="part"/>.</summary>
    public static void One(string part, IEnumerable<string> violations) =>
        Assert.Contains(part, Assert.Single(violations), StringComparison.Ordinal);
}
