using System.Diagnostics;
using System.Text;

namespace Gyre.Http.Protocol;

/// <summary>One line of a header or trailer block, as it was received.</summary>
[DebuggerDisplay("{ToString(),nq}")]
public readonly ref struct FieldLine
{
    internal FieldLine(KnownHeader known, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        Known = known;
        Name = name;
        Value = value;
    }

    /// <summary>Which known header this is, or <see cref="KnownHeader.None"/>.</summary>
    public KnownHeader Known { get; }

    /// <summary>The name in the peer's spelling: a token, never empty.</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>
    /// The value without the white space around it: printable ASCII, HTAB, and bytes from 0x80 whose encoding nobody
    /// declares. May be empty.
    /// </summary>
    public ReadOnlySpan<byte> Value { get; }

    /// <summary>The line as Latin-1 text.</summary>
    /// <returns><c>Name: value</c>.</returns>
    public override string ToString() => $"{Encoding.Latin1.GetString(Name)}: {Encoding.Latin1.GetString(Value)}";
}
