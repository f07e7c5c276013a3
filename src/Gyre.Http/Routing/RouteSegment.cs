using System.Diagnostics;
using System.Text;

namespace Gyre.Http.Routing;

/// <summary>One segment of a template: a literal, or one parameter with what stands before and behind it.</summary>
/// <param name="Prefix">The literal, or what stands before the parameter; UTF-8.</param>
/// <param name="Name">The parameter's name; null for a literal.</param>
/// <param name="Suffix">What stands behind the parameter; UTF-8.</param>
/// <param name="ConstraintTexts">As written.</param>
/// <param name="Constraints">All of them must hold.</param>
/// <param name="IsCatchAll">Whether it takes all the segments that are left, none included.</param>
[DebuggerDisplay("{ToString(),nq}")]
internal sealed record RouteSegment(
    byte[] Prefix, string? Name, byte[] Suffix, string[] ConstraintTexts, RouteConstraint[] Constraints, bool IsCatchAll)
{
    private static readonly RouteConstraint[] s_none = [];

    public bool IsLiteral => Name is null;

    public static RouteSegment Literal(string text) => new(Encoding.UTF8.GetBytes(text), null, [], [], s_none, false);

    /// <summary>
    /// What is tried first: more literal text before less, then more constraints before fewer, then a longer prefix. Among equals the
    /// text decides, so that the order in which routes were added never does.
    /// </summary>
    public int CompareTo(RouteSegment other)
    {
        int order = (other.Prefix.Length + other.Suffix.Length).CompareTo(Prefix.Length + Suffix.Length);
        order = order != 0 ? order : other.Constraints.Length.CompareTo(Constraints.Length);
        order = order != 0 ? order : other.Prefix.Length.CompareTo(Prefix.Length);
        order = order != 0 ? order : Prefix.AsSpan().SequenceCompareTo(other.Prefix);
        order = order != 0 ? order : Suffix.AsSpan().SequenceCompareTo(other.Suffix);
        return order != 0 ? order : string.CompareOrdinal(string.Join(':', ConstraintTexts), string.Join(':', other.ConstraintTexts));
    }

    /// <summary>Whether two segments take the same texts for all that can be told, so that they share a node.</summary>
    public bool IsSameAs(RouteSegment other) =>
        IsLiteral == other.IsLiteral && IsCatchAll == other.IsCatchAll
        && Prefix.AsSpan().SequenceEqual(other.Prefix) && Suffix.AsSpan().SequenceEqual(other.Suffix)
        && ConstraintTexts.SequenceEqual(other.ConstraintTexts);

    /// <summary>Whether a decoded segment is one of these, and where the parameter's value stands in it.</summary>
    public bool TryMatch(ReadOnlySpan<byte> segment, out int start, out int length)
    {
        start = Prefix.Length;
        length = segment.Length - Prefix.Length - Suffix.Length;
        if (length <= 0 || !segment.StartsWith(Prefix) || !segment.EndsWith(Suffix))
        {
            return false;
        }

        ReadOnlySpan<byte> value = segment.Slice(start, length);
        foreach (RouteConstraint constraint in Constraints)
        {
            if (!constraint(value))
            {
                return false;
            }
        }

        return true;
    }

    public override string ToString() => IsLiteral
        ? Encoding.UTF8.GetString(Prefix)
        : $"{Encoding.UTF8.GetString(Prefix)}{{{(IsCatchAll ? "*" : "")}{Name}{string.Concat(ConstraintTexts.Select(static c => ":" + c))}}}{Encoding.UTF8.GetString(Suffix)}";
}
