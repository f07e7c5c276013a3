using System.Buffers;

namespace Gyre.Http.Protocol;

/// <summary>The sets of bytes that the grammar is made of, ready for vectorised search.</summary>
internal static class ByteClasses
{
    internal const byte CarriageReturn = (byte)'\r';
    internal const byte LineFeed = (byte)'\n';

    /// <summary><c>tchar</c>, RFC 9110 section 5.6.2.</summary>
    internal static readonly SearchValues<byte> Token = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    /// <summary>What no field value may hold, RFC 9110 section 5.5: the control bytes but HTAB, and DEL.</summary>
    internal static readonly SearchValues<byte> Control = SearchValues.Create(
        [.. Enumerable.Range(0, 32).Where(b => b != '\t').Select(b => (byte)b), 0x7F]);

    /// <summary>
    /// What a request target may hold: visible ASCII without the fragment's mark. RFC 3986 allows fewer (none of
    /// <c>"&lt;&gt;\^`{|}</c>), but browsers send some of those, and none of them ends a target.
    /// </summary>
    internal static readonly SearchValues<byte> Target = SearchValues.Create(
        [.. Enumerable.Range(0x21, 0x7F - 0x21).Where(b => b != '#').Select(b => (byte)b)]);

    /// <summary>
    /// What a host name may hold: <c>unreserved</c>, RFC 3986 section 2.3. The grammar also allows percent-encoding and
    /// <c>sub-delims</c> (a comma, a quote); no name that resolves has them, and they are dangerous wherever a host is
    /// pasted into a list or a page.
    /// </summary>
    internal static readonly SearchValues<byte> HostName = SearchValues.Create(
        "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    internal static readonly SearchValues<byte> Digits = SearchValues.Create("0123456789"u8);

    /// <summary>Optional white space, RFC 9110 section 5.6.3.</summary>
    internal static bool IsWhiteSpace(byte b) => b is (byte)' ' or (byte)'\t';

    internal static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> value)
    {
        while (value.Length > 0 && IsWhiteSpace(value[0]))
        {
            value = value[1..];
        }

        while (value.Length > 0 && IsWhiteSpace(value[^1]))
        {
            value = value[..^1];
        }

        return value;
    }

    internal static bool IsToken(ReadOnlySpan<byte> value) => value.Length > 0 && !value.ContainsAnyExcept(Token);
}
