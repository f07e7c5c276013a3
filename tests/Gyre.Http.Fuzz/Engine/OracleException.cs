using System.Diagnostics.CodeAnalysis;

namespace Gyre.Http.Fuzz.Engine;

/// <summary>An oracle was contradicted.</summary>
/// <param name="kind">Which; findings of the same kind are counted together.</param>
/// <param name="detail">What was seen.</param>
[SuppressMessage("Design", "CA1032:Implement standard exception constructors", Justification = "Without a kind it can't be counted.")]
[SuppressMessage("Design", "CA1064:Exceptions should be public", Justification = "Nobody outside catches it.")]
internal sealed class OracleException(string kind, string detail) : Exception($"{kind}: {detail}")
{
    internal string Kind { get; } = kind;
}
