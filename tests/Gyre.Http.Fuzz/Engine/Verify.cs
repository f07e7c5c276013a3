using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Gyre.Http.Fuzz.Engine;

/// <summary>Assertions of oracles, cheap while they hold.</summary>
internal static class Verify
{
    internal static void That([DoesNotReturnIf(false)] bool condition, string kind)
    {
        if (!condition)
        {
            throw new OracleException(kind, "it doesn't hold");
        }
    }

    internal static void SameBytes(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> found, string kind)
    {
        if (!expected.SequenceEqual(found))
        {
            throw new OracleException(kind, $"expected '{Shown(expected)}', found '{Shown(found)}'");
        }
    }

    internal static void Same<T>(T expected, T found, string kind)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, found))
        {
            throw new OracleException(kind, $"expected '{expected}', found '{found}'");
        }
    }

    private static string Shown(ReadOnlySpan<byte> bytes) => CSharpLiteral.Escape(Encoding.Latin1.GetString(bytes));
}
