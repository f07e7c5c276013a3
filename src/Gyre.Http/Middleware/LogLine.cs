using System.Buffers;
using System.Net;

namespace Gyre.Http.Middleware;

/// <summary>
/// Composes a line of a log. What a client sent is escaped so that it stays within its field: a line is printable ASCII up to its LF,
/// whatever comes in.
/// </summary>
internal ref struct LogLine(Span<byte> room)
{
    /// <summary>Bytes that one byte takes at the most: <c>\u00ff</c>.</summary>
    public const int BytesPerByte = 6;

    private static readonly SearchValues<byte> s_plain = SearchValues.Create(
        [.. Enumerable.Range(' ', '~' - ' ' + 1).Where(static b => b is not '"' and not '\\').Select(static b => (byte)b)]);

    private readonly Span<byte> _room = room;

    public int Length { get; private set; }

    public void Write(scoped ReadOnlySpan<byte> text)
    {
        text.CopyTo(_room[Length..]);
        Length += text.Length;
    }

    public void Write(long number)
    {
        number.TryFormat(_room[Length..], out int written, default, System.Globalization.CultureInfo.InvariantCulture);
        Length += written;
    }

    public void Write(DateTime time)
    {
        time.TryFormat(_room[Length..], out int written, "O", System.Globalization.CultureInfo.InvariantCulture);
        Length += written;
    }

    /// <summary>An address, IPv4 as such also when it came as IPv6.</summary>
    public void Write(IPAddress address)
    {
        const int MappedPrefix = 7;
        address.TryFormat(_room[Length..], out int written);
        if (address.IsIPv4MappedToIPv6)
        {
            _room.Slice(Length + MappedPrefix, written - MappedPrefix).CopyTo(_room[Length..]);
            written -= MappedPrefix;
        }

        Length += written;
    }

    /// <summary>At most <paramref name="bytesMax"/> bytes of what a client sent, between quotes that somebody else writes.</summary>
    /// <param name="text">Any bytes.</param>
    /// <param name="bytesMax">How many of them.</param>
    /// <param name="isJson">Whether escapes are JSON's (<c>\u00e9</c>, bytes as Latin-1), or those of Apache and nginx (<c>\xE9</c>).</param>
    public void WriteForeign(scoped ReadOnlySpan<byte> text, int bytesMax, bool isJson)
    {
        text = text[..Math.Min(text.Length, bytesMax)];
        while (true)
        {
            int plain = text.IndexOfAnyExcept(s_plain);
            Write(plain < 0 ? text : text[..plain]);
            if (plain < 0)
            {
                return;
            }

            WriteEscaped(text[plain], isJson);
            text = text[(plain + 1)..];
        }
    }

    private void WriteEscaped(byte b, bool isJson)
    {
        if (isJson && b is (byte)'"' or (byte)'\\')
        {
            Write([(byte)'\\', b]);
            return;
        }

        Write(isJson ? "\\u00"u8 : "\\x"u8);
        b.TryFormat(_room[Length..], out int written, isJson ? "x2" : "X2", System.Globalization.CultureInfo.InvariantCulture);
        Length += written;
    }
}
