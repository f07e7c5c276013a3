using System.Buffers;
using Gyre.Http.Protocol;

namespace Gyre.Http.Fields;

/// <summary>
/// A <c>Content-Type</c>, RFC 9110 section 8.3.1: <c>type/subtype</c> and parameters. A parameter that is there twice says
/// nothing, since readers differ in which one counts.
/// </summary>
internal readonly ref struct ContentTypeReader
{
    // RFC 2046 section 5.1.1.
    private const int BoundaryBytesMax = 70;

    // bchars, RFC 2046 section 5.1.1.
    private static readonly SearchValues<byte> s_boundary = SearchValues.Create(
        "'()+_,-./:=? 0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    private readonly ReadOnlySpan<byte> _parameters;

    private ContentTypeReader(ReadOnlySpan<byte> type, ReadOnlySpan<byte> subtype, ReadOnlySpan<byte> parameters)
    {
        Type = type;
        Subtype = subtype;
        _parameters = parameters;
    }

    /// <summary>A token such as <c>text</c>, in the peer's spelling.</summary>
    internal ReadOnlySpan<byte> Type { get; }

    /// <summary>A token such as <c>html</c>, in the peer's spelling.</summary>
    internal ReadOnlySpan<byte> Subtype { get; }

    /// <summary>Reads a whole value; all parameters are checked.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> value, out ContentTypeReader contentType)
    {
        contentType = default;
        int slash = value.IndexOf((byte)'/');
        if (slash < 0 || !ByteClasses.IsToken(value[..slash]))
        {
            return false;
        }

        ReadOnlySpan<byte> rest = value[(slash + 1)..];
        int length = rest.IndexOfAnyExcept(ByteClasses.Token) is >= 0 and int end ? end : rest.Length;
        ParameterReader parameters = new(rest[length..]);
        while (parameters.MoveNext())
        {
        }

        contentType = new ContentTypeReader(value[..slash], rest[..length], rest[length..]);
        return length > 0 && !parameters.IsMalformed;
    }

    /// <summary>Whether it is a given type, whatever its parameters.</summary>
    /// <param name="type">Such as <c>multipart</c>, in any case.</param>
    /// <param name="subtype">Such as <c>form-data</c>, in any case.</param>
    internal bool Is(ReadOnlySpan<byte> type, ReadOnlySpan<byte> subtype) =>
        System.Text.Ascii.EqualsIgnoreCase(Type, type) && System.Text.Ascii.EqualsIgnoreCase(Subtype, subtype);

    /// <summary>Finds a parameter.</summary>
    /// <param name="name">In any case.</param>
    /// <param name="value">A token, or a quoted string with its quotes; see <see cref="QuotedString.Unquote"/>.</param>
    /// <returns>Whether it is there once.</returns>
    internal bool TryGetParameter(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        value = default;
        int count = 0;
        ParameterReader parameters = new(_parameters);
        while (parameters.MoveNext())
        {
            if (System.Text.Ascii.EqualsIgnoreCase(parameters.Name, name))
            {
                value = parameters.Value;
                count++;
            }
        }

        return count == 1;
    }

    /// <summary>The <c>charset</c> without quotes, a token in the peer's spelling.</summary>
    internal bool TryGetCharset(out ReadOnlySpan<byte> charset) =>
        TryGetPlain("charset"u8, out charset) && ByteClasses.IsToken(charset);

    /// <summary>
    /// The <c>boundary</c> of a multipart body without quotes, RFC 2046 section 5.1.1: 1 to 70 bytes of a small set, no space
    /// at the end.
    /// </summary>
    internal bool TryGetBoundary(out ReadOnlySpan<byte> boundary) =>
        TryGetPlain("boundary"u8, out boundary) && boundary.Length is > 0 and <= BoundaryBytesMax
            && boundary[^1] != (byte)' ' && !boundary.ContainsAnyExcept(s_boundary);

    // Without escapes: neither kind of value may hold a byte that needs one.
    private bool TryGetPlain(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        if (!TryGetParameter(name, out value))
        {
            return false;
        }

        value = value[0] == (byte)'"' ? value[1..^1] : value;
        return !value.Contains((byte)'\\');
    }
}
