using System.Buffers;
using System.Diagnostics;
using System.Text;
using Gyre.Http.Protocol;

namespace Gyre.Http.Fields;

/// <summary>
/// An entity tag, RFC 9110 section 8.8.3: <c>[ "W/" ] DQUOTE *etagc DQUOTE</c>. The <c>W</c> is upper case; a backslash
/// escapes nothing; bytes from 0x80 are taken as they are. The default value is no tag and equals none.
/// </summary>
[DebuggerDisplay("{ToString(),nq}")]
internal readonly ref struct EntityTag
{
    /// <summary>The longest tag that <see cref="Write"/> makes without a suffix: three numbers of 16 digits.</summary>
    internal const int WrittenBytesMax = 52;

    // etagc: visible ASCII but the quote, and obs-text.
    private static readonly SearchValues<byte> s_etagc = SearchValues.Create(
        [.. Enumerable.Range(0x21, 0x100 - 0x21).Where(b => b is not '"' and not 0x7F).Select(b => (byte)b)]);

    private EntityTag(bool isWeak, ReadOnlySpan<byte> quoted)
    {
        IsWeak = isWeak;
        Quoted = quoted;
    }

    internal bool IsWeak { get; }

    /// <summary>The opaque tag with its quotes; empty when there is no tag.</summary>
    internal ReadOnlySpan<byte> Quoted { get; }

    internal bool IsNone => Quoted.IsEmpty;

    /// <summary>Reads a whole field value that is to be one tag.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> value, out EntityTag tag) =>
        TryParseFirst(value, out tag, out int length) && length == value.Length;

    /// <summary>Reads the tag that a value begins with.</summary>
    /// <param name="value">A list from the tag on.</param>
    /// <param name="tag">The tag, or none.</param>
    /// <param name="length">How many bytes it has.</param>
    internal static bool TryParseFirst(ReadOnlySpan<byte> value, out EntityTag tag, out int length)
    {
        tag = default;
        length = 0;
        bool isWeak = value.StartsWith("W/"u8);
        ReadOnlySpan<byte> rest = isWeak ? value[2..] : value;
        if (rest.IsEmpty || rest[0] != (byte)'"')
        {
            return false;
        }

        int inside = rest[1..].IndexOfAnyExcept(s_etagc);
        if (inside < 0 || rest[inside + 1] != (byte)'"')
        {
            return false;
        }

        tag = new EntityTag(isWeak, rest[..(inside + 2)]);
        length = inside + 2 + (isWeak ? 2 : 0);
        return true;
    }

    /// <summary>The strong comparison, RFC 9110 section 8.8.3.2: both strong and the same.</summary>
    internal bool StrongEquals(EntityTag other) => !IsWeak && !other.IsWeak && WeakEquals(other);

    /// <summary>The weak comparison, RFC 9110 section 8.8.3.2: the same, weak or not.</summary>
    internal bool WeakEquals(EntityTag other) => !IsNone && Quoted.SequenceEqual(other.Quoted);

    /// <summary>
    /// Makes a strong tag from what identifies a state of a file. It is as strong as the file system's clock: two
    /// changes within one of its ticks that leave the length alone can't be told apart.
    /// </summary>
    /// <param name="length">Bytes.</param>
    /// <param name="modifiedTicks">When it was last modified, in any unit, the finer the better.</param>
    /// <param name="inode">So that a file moved over another of the same age and length has another tag.</param>
    /// <param name="suffix">Set apart by a hyphen, for a coding of the same file (<c>gzip</c>); empty for none.</param>
    /// <param name="destination">At least <see cref="WrittenBytesMax"/> bytes, and one more than the suffix has.</param>
    /// <returns>How many bytes were written.</returns>
    internal static int Write(long length, long modifiedTicks, ulong inode, ReadOnlySpan<byte> suffix, Span<byte> destination)
    {
        SpanComposer composer = new(destination);
        composer.Write("\""u8);
        composer.WriteHexadecimal(length);
        composer.Write("-"u8);
        composer.WriteHexadecimal(modifiedTicks);
        composer.Write("-"u8);
        composer.WriteHexadecimal(unchecked((long)inode));
        if (!suffix.IsEmpty)
        {
            composer.Write("-"u8);
            composer.Write(suffix);
        }

        composer.Write("\""u8);
        return composer.Length;
    }

    /// <summary>The tag as it is sent, as Latin-1 text.</summary>
    public override string ToString() => (IsWeak ? "W/" : "") + Encoding.Latin1.GetString(Quoted);
}
