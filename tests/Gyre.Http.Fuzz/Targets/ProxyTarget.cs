using System.Buffers.Binary;
using System.Net;
using System.Text;
using Gyre.Http.Fields;
using Gyre.Http.Fuzz.Engine;

namespace Gyre.Http.Fuzz.Targets;

/// <summary>The start of a connection behind a proxy that speaks the PROXY protocol.</summary>
internal sealed class ProxyTarget : FuzzTarget
{
    private const string Signature = "\r\n\r\n\0\r\nQUIT\n";

    internal override string Name => "proxy";

    internal override int LengthMax => 300;

    // Every prefix is offered.
    internal override int BranchesPerByteMax => 30_000;

    internal override IReadOnlyList<string> Seeds =>
    [
        "PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\nGET /", "PROXY TCP6 2001:db8::1 ::1 1 65535\r\n", "PROXY UNKNOWN\r\n", "PROXY UNKNOWN ffff::1 x\r\n",
        Signature + "\u0021\u0011\0\u000c\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008\0\u0050\u0001\u00bbGET",
        Signature + "\u0021\u0021\0\u0024" + new string('\u0020', 36), Signature + "\u0020\0\0\0", Signature + "\u0021\u0031\0\u00d8" + new string('a', 216),
        Signature + "\u0021\u0011\0\u0013\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008\0\u0050\u0001\u00bb\u0003\0\u0004\0\0\0\0",
        Signature + "\u0021\u0011\0\u0010\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008\0\u0050\u0001\u00bb\u0004\0\u0001a",
    ];

    internal override IReadOnlyList<string> Words =>
    [
        "PROXY ", "TCP4 ", "TCP6 ", "UNKNOWN", " ", "\r\n", "::", "::ffff:1.2.3.4", "127.0.0.1", "0", "65535", "65536", "255.", "01", "fe80::1%1",
        Signature, "\u0021\u0011", "\u0021\u0021", "\u0003\0\u0004\0\0\0\0", "\u0004\0\0", "\u0020", "\0\u000c",
    ];

    internal override void Run(ReadOnlySpan<byte> input)
    {
        JudgeAll(input);
        byte[] patched = input.ToArray();
        if (TryPatchChecksum(patched))
        {
            JudgeAll(patched);
        }
    }

    private static void JudgeAll(ReadOnlySpan<byte> input)
    {
        ProxyHeaderStatus whole = ProxyProtocol.Read(input, out int consumed, out ProxyHeader header, out string? error);
        Verify.Same(whole == ProxyHeaderStatus.Error, error is not null, "an error has no sentence, or no error has one");
        Verify.Same(whole == ProxyHeaderStatus.Done, consumed > 0, "the header is done without bytes, or bytes are taken of none");
        Verify.Same(header.Source is null, header.Destination is null, "only one end is told");
        bool isOver = false;
        for (int length = 0; length <= input.Length; length++)
        {
            ProxyHeaderStatus status = ProxyProtocol.Read(input[..length], out int taken, out ProxyHeader found, out _);
            Verify.That(!isOver || status == whole, "what was decided is decided otherwise with more bytes");
            isOver |= status != ProxyHeaderStatus.NeedData;
            if (status == ProxyHeaderStatus.Done)
            {
                Verify.Same((consumed, header), (taken, found), "more bytes change the header");
                Verify.That(taken <= length, "more is consumed than came");
            }
        }

        if (whole == ProxyHeaderStatus.Done)
        {
            JudgeMeaning(input[..consumed], header);
        }
    }

    private static void JudgeMeaning(ReadOnlySpan<byte> text, ProxyHeader header)
    {
        if (header.Source is not { } source || header.Destination is not { } destination)
        {
            return;
        }

        Verify.Same(source.AddressFamily, destination.AddressFamily, "the two ends are of different families");
        if (!text.StartsWith("PROXY "u8))
        {
            int size = (text[13] >> 4) == 1 ? 4 : 16;
            Verify.SameBytes(text.Slice(16, size), source.Address.GetAddressBytes(), "the source has another address");
            Verify.Same(BinaryPrimitives.ReadUInt16BigEndian(text[(16 + (2 * size) + 2)..]), (ushort)destination.Port, "the destination has another port");
            return;
        }

        string[] words = Encoding.ASCII.GetString(text).TrimEnd('\r', '\n').Split(' ');
        Verify.Same(6, words.Length, "a line has other than six words");
        Verify.Same(IPAddress.Parse(words[2]), source.Address, "the source has another address");
        Verify.Same(IPAddress.Parse(words[3]), destination.Address, "the destination has another address");
        Verify.Same($"{words[4]} {words[5]}", $"{source.Port} {destination.Port}", "a port is another");
        string again = $"PROXY {words[1]} {source.Address} {destination.Address} {source.Port} {destination.Port}\r\n";
        ProxyHeaderStatus status = ProxyProtocol.Read(Encoding.ASCII.GetBytes(again), out _, out ProxyHeader found, out _);
        Verify.Same((ProxyHeaderStatus.Done, header), (status, found), "a header written again reads otherwise");
    }

    // So that mutations get past the checksum.
    private static bool TryPatchChecksum(byte[] input)
    {
        if (input.Length < 16 || !input.AsSpan().StartsWith(ProxyProtocolBinary.Signature))
        {
            return false;
        }

        int total = 16 + BinaryPrimitives.ReadUInt16BigEndian(input.AsSpan(14));
        int at = total > input.Length ? -1 : input.AsSpan(0, total).LastIndexOf("\u0003\0\u0004"u8);
        if (at < 16 || at + 7 > total)
        {
            return false;
        }

        uint sum = ProxyProtocolBinary.Checksum(input.AsSpan(0, total), at + 3);
        BinaryPrimitives.WriteUInt32BigEndian(input.AsSpan(at + 3), sum);
        return true;
    }
}
