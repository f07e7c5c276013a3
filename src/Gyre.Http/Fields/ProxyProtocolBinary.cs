using System.Buffers.Binary;
using System.Net;
using System.Numerics;

namespace Gyre.Http.Fields;

/// <summary>
/// Version 2 of the PROXY protocol, proxy-protocol.txt section 2.2: signature, version and command, family and transport,
/// length, addresses, and type-length-value triples, of which only the checksum is looked at.
/// </summary>
internal static class ProxyProtocolBinary
{
    private const int FixedBytes = 16;
    private const int TripleHeadBytes = 3;
    private const byte ChecksumType = 0x03;
    private const int ChecksumBytes = 4;

    internal static ReadOnlySpan<byte> Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    /// <inheritdoc cref="ProxyProtocol.Read"/>
    internal static ProxyHeaderStatus Read(ReadOnlySpan<byte> input, out int consumed, out ProxyHeader header, out string? error)
    {
        consumed = 0;
        header = default;
        error = null;
        if (input.Length > Signature.Length && input[Signature.Length] is not (0x20 or 0x21))
        {
            error = "The header of PROXY protocol version 2 names another version, or a command that is neither LOCAL nor PROXY.";
            return ProxyHeaderStatus.Error;
        }

        if (input.Length < FixedBytes)
        {
            return ProxyHeaderStatus.NeedData;
        }

        int total = FixedBytes + BinaryPrimitives.ReadUInt16BigEndian(input[14..]);
        if (total > ProxyProtocol.BinaryBytesMax)
        {
            error = "The header of PROXY protocol version 2 is longer than 4096 bytes.";
            return ProxyHeaderStatus.Error;
        }

        if (input.Length < total)
        {
            return ProxyHeaderStatus.NeedData;
        }

        bool isLocal = input[Signature.Length] == 0x20;
        header = new ProxyHeader(null, null, isLocal);
        error = isLocal ? null : ReadBlock(input[..total], ref header);
        consumed = error is null ? total : 0;
        return error is null ? ProxyHeaderStatus.Done : ProxyHeaderStatus.Error;
    }

    // What is valid but isn't a TCP connection over IP leaves the connection's own ends in force, as the document allows.
    private static string? ReadBlock(ReadOnlySpan<byte> whole, ref ProxyHeader header)
    {
        int family = whole[13] >> 4;
        int transport = whole[13] & 0xF;
        if (family > 3 || transport > 2)
        {
            return "The header of PROXY protocol version 2 names a family or a transport that the protocol doesn't know.";
        }

        int addressBytes = family switch { 1 => 12, 2 => 36, 3 => 216, _ => 0 };
        if (whole.Length < FixedBytes + addressBytes)
        {
            return "The header of PROXY protocol version 2 is too short for the addresses it announces.";
        }

        if (family == 0 || transport == 0)
        {
            return null;
        }

        ReadOnlySpan<byte> block = whole.Slice(FixedBytes, addressBytes);
        if (transport == 1 && family < 3)
        {
            int half = (addressBytes - 4) / 2;
            ReadOnlySpan<byte> ports = block[(half * 2)..];
            header = new ProxyHeader(
                new IPEndPoint(new IPAddress(block[..half]), BinaryPrimitives.ReadUInt16BigEndian(ports)),
                new IPEndPoint(new IPAddress(block.Slice(half, half)), BinaryPrimitives.ReadUInt16BigEndian(ports[2..])),
                IsLocal: false);
        }

        return CheckTriples(whole, FixedBytes + addressBytes);
    }

    private static string? CheckTriples(ReadOnlySpan<byte> whole, int at)
    {
        bool isChecked = false;
        while (at < whole.Length)
        {
            ReadOnlySpan<byte> rest = whole[at..];
            int length = rest.Length < TripleHeadBytes ? int.MaxValue : BinaryPrimitives.ReadUInt16BigEndian(rest[1..]);
            if (length > rest.Length - TripleHeadBytes)
            {
                return "A type-length-value of the PROXY protocol header is longer than the header.";
            }

            if (rest[0] == ChecksumType)
            {
                if (isChecked || length != ChecksumBytes || Checksum(whole, at + TripleHeadBytes)
                    != BinaryPrimitives.ReadUInt32BigEndian(rest[TripleHeadBytes..]))
                {
                    return "The CRC32c of the PROXY protocol header is wrong, or there are two.";
                }

                isChecked = true;
            }

            at += TripleHeadBytes + length;
        }

        return null;
    }

    /// <summary>CRC32c (RFC 4960 appendix B) of the whole header, with zeros where the checksum itself stands.</summary>
    internal static uint Checksum(ReadOnlySpan<byte> whole, int at)
    {
        uint sum = uint.MaxValue;
        for (int i = 0; i < whole.Length; i++)
        {
            sum = BitOperations.Crc32C(sum, i >= at && i < at + ChecksumBytes ? (byte)0 : whole[i]);
        }

        return ~sum;
    }
}
