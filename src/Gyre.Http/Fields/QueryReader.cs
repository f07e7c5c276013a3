using System.Buffers;
using System.Text;

namespace Gyre.Http.Fields;

/// <summary>
/// Walks <c>application/x-www-form-urlencoded</c> pairs, in a query or a body, by the WHATWG URL standard's parser:
/// <c>&amp;</c> parts pairs, empty ones are skipped, the first <c>=</c> parts name and value, <c>+</c> is a space, and a percent
/// sign without two hexadecimal digits stands for itself. Nothing is invalid. Allocates nothing.
/// </summary>
/// <param name="text">What follows the question mark, or a body.</param>
/// <param name="pairsMax">How many pairs to look at.</param>
internal ref struct QueryReader(ReadOnlySpan<byte> text, int pairsMax = QueryReader.PairsMaxDefault)
{
    /// <summary>As in ASP.NET Core; more is a form no person filled in, or an attack on tables of names.</summary>
    internal const int PairsMaxDefault = 1024;

    private const int StackBytesMax = 512;

    private ReadOnlySpan<byte> _rest = text;
    private int _pairsLeft = pairsMax;

    /// <summary>The name as received, encoded.</summary>
    internal ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>The value as received, encoded; empty also without <c>=</c>.</summary>
    internal ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>Whether the walk ended because of the bound, with pairs left.</summary>
    internal bool IsTruncated { get; private set; }

    /// <summary>Finds the first pair of a name.</summary>
    /// <param name="text">What follows the question mark, or a body.</param>
    /// <param name="name">Decoded, in UTF-8.</param>
    /// <returns>The decoded value, or <see langword="null"/> when there is no such pair.</returns>
    internal static string? FindFirst(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name)
    {
        QueryReader reader = new(text);
        while (reader.MoveNext())
        {
            if (IsDecoded(reader.Name, name))
            {
                return DecodeToString(reader.Value);
            }
        }

        return null;
    }

    /// <summary>Decodes a name or value.</summary>
    /// <param name="encoded">As received.</param>
    /// <param name="destination">At least as long.</param>
    /// <returns>How many bytes were written; they may be anything, not only UTF-8.</returns>
    internal static int Decode(ReadOnlySpan<byte> encoded, Span<byte> destination)
    {
        int written = 0;
        for (int at = 0; at < encoded.Length; written++)
        {
            destination[written] = DecodeOne(encoded, ref at);
        }

        return written;
    }

    /// <summary>Decodes a name or value as UTF-8; what isn't UTF-8 becomes U+FFFD.</summary>
    internal static string DecodeToString(ReadOnlySpan<byte> encoded)
    {
        if (encoded.IsEmpty)
        {
            return "";
        }

        byte[]? rented = encoded.Length > StackBytesMax ? ArrayPool<byte>.Shared.Rent(encoded.Length) : null;
        Span<byte> bytes = rented ?? stackalloc byte[StackBytesMax];
        string decoded = Encoding.UTF8.GetString(bytes[..Decode(encoded, bytes)]);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return decoded;
    }

    /// <summary>Whether a name or value decodes to given bytes.</summary>
    internal static bool IsDecoded(ReadOnlySpan<byte> encoded, ReadOnlySpan<byte> decoded)
    {
        int at = 0;
        foreach (byte expected in decoded)
        {
            if (at == encoded.Length || DecodeOne(encoded, ref at) != expected)
            {
                return false;
            }
        }

        return at == encoded.Length;
    }

    /// <summary>Moves to the next pair.</summary>
    internal bool MoveNext()
    {
        while (!_rest.IsEmpty && !IsTruncated)
        {
            int end = _rest.IndexOf((byte)'&');
            ReadOnlySpan<byte> pair = end < 0 ? _rest : _rest[..end];
            _rest = end < 0 ? default : _rest[(end + 1)..];
            if (pair.IsEmpty)
            {
                continue;
            }

            IsTruncated = --_pairsLeft < 0;
            int equals = pair.IndexOf((byte)'=');
            Name = equals < 0 ? pair : pair[..equals];
            Value = equals < 0 ? default : pair[(equals + 1)..];
            return !IsTruncated;
        }

        return false;
    }

    private static byte DecodeOne(ReadOnlySpan<byte> encoded, ref int at)
    {
        byte first = encoded[at++];
        if (first != (byte)'%')
        {
            return first == (byte)'+' ? (byte)' ' : first;
        }

        if (at + 2 > encoded.Length || !char.IsAsciiHexDigit((char)encoded[at]) || !char.IsAsciiHexDigit((char)encoded[at + 1]))
        {
            return first;
        }

        at += 2;
        return (byte)((HexValue(encoded[at - 2]) << 4) | HexValue(encoded[at - 1]));
    }

    // The low nibble of a letter counts from 1.
    private static int HexValue(byte digit) => (digit & 0xF) + (digit > (byte)'9' ? 9 : 0);
}
