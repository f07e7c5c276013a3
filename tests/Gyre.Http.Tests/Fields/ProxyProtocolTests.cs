using System.Buffers.Binary;
using System.Net;
using CsCheck;
using Gyre.Http.Fields;

namespace Gyre.Http.Tests.Fields;

public sealed class ProxyProtocolTests
{
    private static readonly byte[] s_signature = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A];

    private static readonly byte[] s_ipv4 = [192, 0, 2, 1, 192, 0, 2, 2, 0x1F, 0x90, 0x01, 0xBB];

    [Theory]
    [InlineData("PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n", "192.168.0.1:56324 192.168.0.11:443")]
    [InlineData("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n", "255.255.255.255:65535 255.255.255.255:65535")]
    [InlineData("PROXY TCP6 2001:db8::1 ::1 1 0\r\n", "[2001:db8::1]:1 [::1]:0")]
    [InlineData("PROXY UNKNOWN\r\n", "own")]
    [InlineData("PROXY UNKNOWN anything at all\r\n", "own")]
    [InlineData("PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n", "own")]
    [InlineData("PROXY UNKNOWNX\r\n", "error")]
    [InlineData("PROXY  TCP4 192.0.2.1 192.0.2.2 1 2\r\n", "error")]
    [InlineData("PROXY TCP4 192.0.2.1 192.0.2.2 1 2 \r\n", "error")]
    [InlineData("PROXY TCP4 192.0.2.1 192.0.2.2 1\r\n", "error")]
    [InlineData("PROXY TCP4 192.0.2.1 192.0.2.2 1 2 3\r\n", "error")]
    [InlineData("PROXY TCP4 192.0.2.1 192.0.2.2 1 02\r\n", "error")]
    [InlineData("PROXY TCP4 192.0.2.1 192.0.2.2 1 65536\r\n", "error")]
    [InlineData("PROXY TCP4 192.0.2.1 192.0.2.2 +1 2\r\n", "error")]
    [InlineData("PROXY TCP4 192.0.2.1 192.0.2.02 1 2\r\n", "error")]
    [InlineData("PROXY TCP4 192.0.2.1 192.0.2.256 1 2\r\n", "error")]
    [InlineData("PROXY TCP4 ::1 ::2 1 2\r\n", "error")]
    [InlineData("PROXY TCP6 192.0.2.1 192.0.2.2 1 2\r\n", "error")]
    [InlineData("PROXY TCP6 fe80::1%1 ::1 1 2\r\n", "error")]
    [InlineData("PROXY UDP4 192.0.2.1 192.0.2.2 1 2\r\n", "error")]
    [InlineData("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\n", "error")]
    [InlineData("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r \r\n", "error")]
    [InlineData("proxy TCP4 192.0.2.1 192.0.2.2 1 2\r\n", "error")]
    [InlineData("PROXYTCP4 192.0.2.1 192.0.2.2 1 2\r\n", "error")]
    [InlineData("GET / HTTP/1.1\r\n", "error")]
    [InlineData("\r\nGET / HTTP/1.1\r\n", "error")]
    public void A_line_is_read_whole_and_byte_by_byte(string line, string expected) => AssertReads(expected, Lines.Bytes(line));

    [Fact]
    public void A_line_ends_within_107_bytes()
    {
        string line = "PROXY UNKNOWN ".PadRight(105, 'x') + "\r\n";
        AssertReads("own", Lines.Bytes(line));
        AssertReads("error", Lines.Bytes("PROXY UNKNOWN ".PadRight(106, 'x') + "\r\n"));
        AssertReads("need", Lines.Bytes("PROXY UNKNOWN ".PadRight(106, 'x')));
        AssertReads("error", Lines.Bytes("PROXY UNKNOWN ".PadRight(107, 'x')));
    }

    [Fact]
    public void A_binary_header_is_read_whole_and_byte_by_byte()
    {
        AssertReads("192.0.2.1:8080 192.0.2.2:443", Binary(0x21, 0x11, s_ipv4));
        byte[] ipv6 = [.. IPAddress.Parse("2001:db8::1").GetAddressBytes(), .. IPAddress.IPv6Loopback.GetAddressBytes(), 0, 1, 0, 2];
        AssertReads("[2001:db8::1]:1 [::1]:2", Binary(0x21, 0x21, ipv6));
        AssertReads("own", Binary(0x21, 0x31, new byte[216]));
        AssertReads("own", Binary(0x21, 0x12, s_ipv4));
        AssertReads("own", Binary(0x21, 0x10, s_ipv4));
        AssertReads("own", Binary(0x21, 0x00, []));
        AssertReads("own", Binary(0x21, 0x00, [1, 2, 3]));
        AssertReads("local", Binary(0x20, 0x00, []));
        AssertReads("local", Binary(0x20, 0xFF, [1, 2, 3]));
        AssertReads("192.0.2.1:8080 192.0.2.2:443", Binary(0x21, 0x11, [.. s_ipv4, 0x04, 0, 0, 0xE0, 0, 2, 7, 7]));
    }

    [Fact]
    public void A_binary_header_that_deviates_is_refused()
    {
        AssertReads("error", Binary(0x11, 0x11, s_ipv4));
        AssertReads("error", Binary(0x22, 0x11, s_ipv4));
        AssertReads("error", Binary(0x21, 0x41, s_ipv4));
        AssertReads("error", Binary(0x21, 0x13, s_ipv4));
        AssertReads("error", Binary(0x21, 0x11, s_ipv4[..11]));
        AssertReads("error", Binary(0x21, 0x21, new byte[35]));
        AssertReads("error", Binary(0x21, 0x31, new byte[215]));
        AssertReads("error", Binary(0x21, 0x11, [.. s_ipv4, 0x04, 0]));
        AssertReads("error", Binary(0x21, 0x11, [.. s_ipv4, 0x04, 0, 1]));
        AssertReads("error", Binary(0x21, 0x11, new byte[4081]));
        AssertReads("local", Binary(0x20, 0x11, new byte[4080]));
        byte[] other = Binary(0x21, 0x11, s_ipv4);
        other[11] = (byte)'X';
        AssertReads("error", other);
    }

    [Fact]
    public void A_checksum_is_verified()
    {
        byte[] good = WithChecksum();
        AssertReads("192.0.2.1:8080 192.0.2.2:443", good);
        for (int i = 16; i < good.Length; i++)
        {
            byte[] bad = [.. good];
            bad[i] ^= 0x40;

            // A changed type is no checksum any more; every other change is found.
            if (i != 28)
            {
                AssertReads("error", bad);
            }
        }

        AssertReads("error", Binary(0x21, 0x11, [.. s_ipv4, 0x03, 0, 3, 0, 0, 0]));
    }

    // The check value of CRC-32C in the catalogues: of the nine digits.
    [Fact]
    public void The_checksum_is_crc32c() => Assert.Equal(0xE3069283u, ProxyProtocolBinary.Checksum("123456789"u8, 9));

    [Fact]
    public void Noise_never_throws_and_what_is_done_is_within_the_input() =>
        Gen.Select(Gen.Bool, Gen.Byte.Array[0, 60], Gen.Char["PROXY TCP46 10.:\r\n"].Array[0, 60]).Sample(
            (isBinary, bytes, chars) =>
            {
                byte[] input = isBinary ? [.. s_signature, 0x21, 0x11, 0, .. bytes] : Lines.Bytes("PROXY " + new string(chars));
                ProxyHeaderStatus status = ProxyProtocol.Read(input, out int consumed, out _, out string? error);
                Assert.Equal(status == ProxyHeaderStatus.Error, error is not null);
                Assert.True(status == ProxyHeaderStatus.Done ? consumed > 0 && consumed <= input.Length : consumed == 0);
            },
            iter: 20_000);

    private static byte[] Binary(byte command, byte family, byte[] block) =>
        [.. s_signature, command, family, (byte)(block.Length >> 8), (byte)block.Length, .. block];

    private static byte[] WithChecksum()
    {
        byte[] whole = Binary(0x21, 0x11, [.. s_ipv4, 0x03, 0, 4, 0, 0, 0, 0]);
        BinaryPrimitives.WriteUInt32BigEndian(whole.AsSpan(whole.Length - 4), ProxyProtocolBinary.Checksum(whole, whole.Length - 4));
        return whole;
    }

    private static void AssertReads(string expected, byte[] bytes)
    {
        byte[] withMore = [.. bytes, .. "GET"u8];
        if (expected is not ("error" or "need"))
        {
            Assert.Equal(ProxyHeaderStatus.Done, ProxyProtocol.Read(withMore, out int consumed, out _, out _));
            Assert.Equal(bytes.Length, consumed);
        }

        Assert.Equal(expected, Show(bytes));
        ProxyHeaderStatus last = ProxyHeaderStatus.NeedData;
        for (int length = 0; length < bytes.Length; length++)
        {
            ProxyHeaderStatus status = ProxyProtocol.Read(bytes.AsSpan(0, length), out _, out _, out _);
            Assert.True(status == last || (last == ProxyHeaderStatus.NeedData && expected == "error"), $"{status} after {length} bytes");
            last = status;
        }
    }

    private static string Show(byte[] bytes) => ProxyProtocol.Read(bytes, out _, out ProxyHeader header, out _) switch
    {
        ProxyHeaderStatus.NeedData => "need",
        ProxyHeaderStatus.Error => "error",
        _ => header.IsLocal ? "local" : header.Source is null ? "own" : $"{header.Source} {header.Destination}",
    };
}
