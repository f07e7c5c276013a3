using System.Buffers.Binary;
using System.Text;

namespace Gyre.Http.Protocol;

/// <summary>Names of <see cref="KnownHeader"/> and the way from a name to it: one multiplication, one comparison.</summary>
internal static class KnownHeaders
{
    private const int SlotBits = 8;

    // Found by trying odd numbers until no two known names shared a slot; a test looks every name up.
    private const uint Multiplier = 0xDFB0008Fu;
    private const uint KeyWeight = 0x01000193u;

    private const uint LowerCase4 = 0x20202020u;
    private const ulong LowerCase8 = 0x2020202020202020ul;

    // In the order of the enum, without None.
    private static readonly string[] s_names =
    [
        "Accept", "Accept-Charset", "Accept-Encoding", "Accept-Language", "Accept-Ranges", "Access-Control-Request-Headers",
        "Access-Control-Request-Method", "Age", "Allow", "Authorization", "Cache-Control", "Connection", "Content-Disposition",
        "Content-Encoding", "Content-Language", "Content-Length", "Content-Location", "Content-Range", "Content-Type",
        "Cookie", "Date", "ETag", "Expect", "Expires", "Forwarded", "Host", "If-Match", "If-Modified-Since", "If-None-Match",
        "If-Range", "If-Unmodified-Since", "Keep-Alive", "Last-Modified", "Last-Event-ID", "Link", "Location", "Max-Forwards",
        "Origin", "Pragma", "Priority", "Proxy-Authorization", "Range", "Referer", "Retry-After", "Sec-Fetch-Mode",
        "Sec-Fetch-Site", "Sec-WebSocket-Accept", "Sec-WebSocket-Extensions", "Sec-WebSocket-Key", "Sec-WebSocket-Protocol",
        "Sec-WebSocket-Version", "Server", "Set-Cookie", "TE", "Trailer", "Transfer-Encoding", "Upgrade",
        "Upgrade-Insecure-Requests", "User-Agent", "Vary", "Via", "X-Forwarded-For", "X-Forwarded-Proto",
    ];

    private static readonly byte[][] s_canonical = [[], .. s_names.Select(Encoding.ASCII.GetBytes)];
    private static readonly byte[][] s_lower = [[], .. s_names.Select(name => Encoding.ASCII.GetBytes(name.ToLowerInvariant()))];
    private static readonly byte[] s_slots = BuildSlots();

    internal static int Count => s_canonical.Length;

    internal static ReadOnlySpan<byte> Name(KnownHeader header) => s_canonical[(int)header];

    /// <summary>Finds the known header of that name, in any case.</summary>
    /// <param name="name">
    /// A valid token. Setting bit 5 folds capitals, and of the bytes of a token it folds nothing else onto a letter, a
    /// digit or a hyphen; of other bytes it would.
    /// </param>
    internal static KnownHeader Find(ReadOnlySpan<byte> name)
    {
        if (name.Length < 2)
        {
            return KnownHeader.None;
        }

        int candidate = s_slots[Slot(name)];
        byte[] lower = s_lower[candidate];
        return lower.Length == name.Length && EqualsFolded(name, lower) ? (KnownHeader)candidate : KnownHeader.None;
    }

    private static uint Slot(ReadOnlySpan<byte> name)
    {
        int length = name.Length;
        uint key = (uint)length | ((uint)(name[0] | 0x20) << 8);
        uint end = length >= 4
            ? BinaryPrimitives.ReadUInt32LittleEndian(name[(length - 4)..]) | LowerCase4
            : (name[0] | ((uint)name[length / 2] << 8) | ((uint)name[length - 1] << 16)) | (LowerCase4 >> 8);
        return ((end + (key * KeyWeight)) * Multiplier) >> (32 - SlotBits);
    }

    private static bool EqualsFolded(ReadOnlySpan<byte> name, ReadOnlySpan<byte> lower)
    {
        int at = 0;
        for (; at <= name.Length - 8; at += 8)
        {
            if ((BinaryPrimitives.ReadUInt64LittleEndian(name[at..]) | LowerCase8) != BinaryPrimitives.ReadUInt64LittleEndian(lower[at..]))
            {
                return false;
            }
        }

        if (name.Length - at >= 4)
        {
            if ((BinaryPrimitives.ReadUInt32LittleEndian(name[at..]) | LowerCase4) != BinaryPrimitives.ReadUInt32LittleEndian(lower[at..]))
            {
                return false;
            }

            at += 4;
        }

        for (; at < name.Length; at++)
        {
            if ((name[at] | 0x20) != lower[at])
            {
                return false;
            }
        }

        return true;
    }

    private static byte[] BuildSlots()
    {
        byte[] slots = new byte[1 << SlotBits];
        for (int i = 1; i < s_lower.Length; i++)
        {
            slots[Slot(s_lower[i])] = (byte)i;
        }

        return slots;
    }
}
