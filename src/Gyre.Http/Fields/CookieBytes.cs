using System.Buffers;

namespace Gyre.Http.Fields;

/// <summary>What a cookie's value may hold.</summary>
internal static class CookieBytes
{
    /// <summary><c>cookie-octet</c>, RFC 6265 section 4.1.1: visible ASCII without quote, comma, semicolon, backslash.</summary>
    internal static readonly SearchValues<byte> Octets = SearchValues.Create(
        [.. Enumerable.Range(0x21, 0x7F - 0x21).Where(b => b is not ('"' or ',' or ';' or '\\')).Select(b => (byte)b)]);

    /// <summary>
    /// What is taken from a peer: also spaces and commas within, which scripts and other servers set and which mean
    /// nothing where pairs are parted by semicolons alone.
    /// </summary>
    internal static readonly SearchValues<byte> Accepted = SearchValues.Create(
        [.. Enumerable.Range(0x20, 0x7F - 0x20).Where(b => b is not ('"' or ';' or '\\')).Select(b => (byte)b)]);
}
