using Gyre.Http.Protocol;
using static Gyre.Http.Protocol.ProtocolFault;

namespace Gyre.Http.Tests.Protocol;

/// <summary>What must be refused, with which status and for which reason; each message in every split.</summary>
public class BadMessageTests
{
    private const string Line = "GET / HTTP/1.1\r\n";
    private const string Host = "Host: x\r\n";
    private const string Get = Line + Host;
    private const string Post = "POST / HTTP/1.1\r\n" + Host;
    private const string Chunked = Post + "Transfer-Encoding: chunked\r\n\r\n";

    public static TheoryData<int, ProtocolFault, string> Lines => new()
    {
        { 400, BareLineFeed, "GET / HTTP/1.1\nHost: x\r\n\r\n" },
        { 400, BareLineFeed, "\nGET / HTTP/1.1\r\nHost: x\r\n\r\n" },
        { 400, BareLineFeed, Line + "Host: x\n\r\n" },
        { 400, BareLineFeed, Get + "\n" },
        { 400, BareLineFeed, Get + "A: b\nC: d\r\n\r\n" },
        { 400, BareCarriageReturn, Line + "Host: x\r\r\n\r\n" },
        { 400, BareCarriageReturn, Get + "A: b\rC: d\r\n\r\n" },
        { 400, BareCarriageReturn, Get + "A\rB: b\r\n\r\n" },
        { 400, BareCarriageReturn, Get + "\rA: b\r\n\r\n" },
        { 400, BareCarriageReturn, "GET /\rx HTTP/1.1\r\n" + Host + "\r\n" },
        { 400, BareCarriageReturn, "GET / HTTP/1.1\r\r\n" + Host + "\r\n" },
        { 400, BareCarriageReturn, "GET / HTTP/1.1\rHost: x\r\n\r\n" },
        { 400, BlankLines, "\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n" },
        { 400, BareCarriageReturn, "\r\rGET / HTTP/1.1\r\nHost: x\r\n\r\n" },
        { 400, FoldedLine, Get + "A: b\r\n c\r\n\r\n" },
        { 400, FoldedLine, Get + "A: b\r\n\tc: d\r\n\r\n" },
        { 400, FoldedLine, Line + " Host: x\r\n\r\n" },
        { 400, FoldedLine, Get + "A: b\r\n \r\n\r\n" },
        { 400, SpaceBeforeColon, Get + "A : b\r\n\r\n" },
        { 400, SpaceBeforeColon, Get + "A\t : b\r\n\r\n" },
        { 400, SpaceBeforeColon, Line + "Host : x\r\n\r\n" },
        { 400, HeaderNameInvalid, Get + ": b\r\n\r\n" },
        { 400, HeaderNameInvalid, Get + "A b: c\r\n\r\n" },
        { 400, HeaderNameInvalid, Get + "A\0: c\r\n\r\n" },
        { 400, HeaderNameInvalid, Get + "A\u00e4: c\r\n\r\n" },
        { 400, HeaderNameInvalid, Get + "A(b): c\r\n\r\n" },
        { 400, HeaderNameInvalid, Get + "A\u007f: c\r\n\r\n" },
        { 400, HeaderNameInvalid, Get + "\"A\": c\r\n\r\n" },
        { 400, ColonMissing, Get + "A\r\n\r\n" },
        { 400, ColonMissing, Get + "A = b\r\n\r\n" },
        { 400, HeaderValueInvalid, Get + "A: b\0c\r\n\r\n" },
        { 400, HeaderValueInvalid, Get + "A: \u0001\r\n\r\n" },
        { 400, HeaderValueInvalid, Get + "A: b\u000bc\r\n\r\n" },
        { 400, HeaderValueInvalid, Get + "A: b\u007f\r\n\r\n" },
        { 400, HeaderValueInvalid, Get + "A: b\u001f\r\n\r\n" },
        { 400, RequestLineMalformed, "GET\r\n" + Host + "\r\n" },
        { 400, RequestLineMalformed, "GET /\r\n" + Host + "\r\n" },
        { 400, RequestLineMalformed, "GET  / HTTP/1.1\r\n" + Host + "\r\n" },
        { 400, RequestLineMalformed, "GET /  HTTP/1.1\r\n" + Host + "\r\n" },
        { 400, RequestLineMalformed, "GET / HTTP/1.1 \r\n" + Host + "\r\n" },
        { 400, RequestLineMalformed, "GET /a b HTTP/1.1\r\n" + Host + "\r\n" },
        { 400, MethodInvalid, " GET / HTTP/1.1\r\n" + Host + "\r\n" },
        { 400, MethodInvalid, "GET\t/ HTTP/1.1\r\n" + Host + "\r\n" },
        { 400, MethodInvalid, "GE(T / HTTP/1.1\r\n" + Host + "\r\n" },
        { 400, MethodInvalid, "G\u00cbT / HTTP/1.1\r\n" + Host + "\r\n" },
        { 400, MethodInvalid, "GET\0 / HTTP/1.1\r\n" + Host + "\r\n" },
    };

    public static TheoryData<int, ProtocolFault, string> VersionsAndTargets => new()
    {
        { 400, VersionMalformed, "GET / http/1.1\r\n" + Host + "\r\n" },
        { 400, VersionMalformed, "GET / Http/1.1\r\n" + Host + "\r\n" },
        { 400, VersionMalformed, "GET / HTTP/1\r\n" + Host + "\r\n" },
        { 400, VersionMalformed, "GET / HTTP/1.10\r\n" + Host + "\r\n" },
        { 400, VersionMalformed, "GET / HTTP/01.1\r\n" + Host + "\r\n" },
        { 400, VersionMalformed, "GET / HTTP/a.b\r\n" + Host + "\r\n" },
        { 400, VersionMalformed, "GET / HTTP-1.1\r\n" + Host + "\r\n" },
        { 400, VersionMalformed, "GET / FTTP/1.1\r\n" + Host + "\r\n" },
        { 505, VersionUnsupported, "GET / HTTP/1.2\r\n" + Host + "\r\n" },
        { 505, VersionUnsupported, "GET / HTTP/2.0\r\n" + Host + "\r\n" },
        { 505, VersionUnsupported, "GET / HTTP/0.9\r\n" + Host + "\r\n" },
        { 505, Http2Preface, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" },
        { 400, TlsHandshake, "\u0016\u0003" },
        { 400, TlsHandshake, "\u0016\u0003\u0001\u0002\0\u0001\0" },
        { 400, TlsHandshake, "\u0016\u0003\u0003\0\n\u0001\0\n\r\n" },
        { 400, TlsHandshake, "\u0016\u0003" + new string('\u0001', 100) },
        { 400, TlsHandshake, "\r\n\u0016\u0003\u0001" },
        { 400, MethodInvalid, "\u0016 /\u0003 HTTP/1.1\r\n" + Host + "\r\n" },
        { 400, TargetFragment, "GET /a#b HTTP/1.1\r\n" + Host + "\r\n" },
        { 400, TargetFragment, "GET # HTTP/1.1\r\n" + Host + "\r\n" },
        { 400, TargetInvalid, "GET /\u0001 HTTP/1.1\r\n" + Host + "\r\n" },
        { 400, TargetInvalid, "GET /\0 HTTP/1.1\r\n" + Host + "\r\n" },
        { 400, TargetInvalid, "GET /\u007f HTTP/1.1\r\n" + Host + "\r\n" },
        { 400, TargetInvalid, "GET /\u00e9 HTTP/1.1\r\n" + Host + "\r\n" },
        { 400, TargetInvalid, "GET /a\tb HTTP/1.1\r\n" + Host + "\r\n" },
        { 400, TargetFormMismatch, "GET * HTTP/1.1\r\n" + Host + "\r\n" },
        { 400, TargetFormMismatch, "OPTIONS ** HTTP/1.1\r\n" + Host + "\r\n" },
        { 400, TargetFormMismatch, "GET a HTTP/1.1\r\n" + Host + "\r\n" },
        { 400, TargetFormMismatch, "GET x:80 HTTP/1.1\r\n" + Host + "\r\n" },
        { 400, TargetFormMismatch, "GET ?a HTTP/1.1\r\n" + Host + "\r\n" },
        { 400, TargetFormMismatch, "CONNECT / HTTP/1.1\r\n" + Host + "\r\n" },
        { 400, TargetFormMismatch, "CONNECT x HTTP/1.1\r\n" + Host + "\r\n" },
        { 400, TargetFormMismatch, "CONNECT http://x:80 HTTP/1.1\r\n" + Host + "\r\n" },
        { 400, TargetFormMismatch, "CONNECT u@x:80 HTTP/1.1\r\n" + Host + "\r\n" },
        { 400, TargetFormMismatch, "CONNECT * HTTP/1.1\r\n" + Host + "\r\n" },
        { 400, TargetAuthorityInvalid, "GET ftp://x/ HTTP/1.1\r\n" + Host + "\r\n" },
        { 400, TargetAuthorityInvalid, "GET http://u@x/ HTTP/1.1\r\n" + Host + "\r\n" },
        { 400, TargetAuthorityInvalid, "GET http://u:p@x/ HTTP/1.1\r\n" + Host + "\r\n" },
        { 400, TargetAuthorityInvalid, "GET http:///p HTTP/1.1\r\n" + Host + "\r\n" },
        { 400, TargetAuthorityInvalid, "GET http://?p HTTP/1.1\r\n" + Host + "\r\n" },
        { 400, TargetAuthorityInvalid, "GET http://x:99999/ HTTP/1.1\r\n" + Host + "\r\n" },
        { 400, TargetAuthorityInvalid, "GET http://[::1/ HTTP/1.1\r\n" + Host + "\r\n" },
    };

    public static TheoryData<int, ProtocolFault, string> Hosts
    {
        get
        {
            TheoryData<int, ProtocolFault, string> rows = new()
            {
                { 400, HostMissing, Line + "\r\n" },
                { 400, HostMissing, Line + "Hosts: x\r\n\r\n" },
                { 400, HostMissing, "GET http://x/ HTTP/1.1\r\n\r\n" },
                { 400, HostRepeated, Get + Host + "\r\n" },
                { 400, HostRepeated, Get + "A: b\r\nhost: y\r\n\r\n" },
                { 400, HostRepeated, "GET / HTTP/1.0\r\n" + Host + Host + "\r\n" },
                { 400, HostMismatch, "GET http://x/ HTTP/1.1\r\nHost: y\r\n\r\n" },
                { 400, HostMismatch, "GET http://x/ HTTP/1.1\r\nHost: x:81\r\n\r\n" },
                { 400, HostMismatch, "GET https://x/ HTTP/1.1\r\nHost: x:80\r\n\r\n" },
                { 400, HostMismatch, "GET http://x/ HTTP/1.0\r\nHost: y\r\n\r\n" },
                { 400, HostMismatch, "CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n" },
                { 400, HostMismatch, "CONNECT x:80 HTTP/1.1\r\nHost: x:81\r\n\r\n" },
            };
            string[] invalid =
            [
                "", " ", ":", ":80", "u@x", "u:p@x", "x/", "x/y", "http://x", "x,y", "x, y", "x y", "x:", "x:a", "x:-1", "x:+1", "x:65536",
                "x:000080", "x:80:80", "x:80,", "[", "[]", "[::1", "::1", "[::1]x", "[::1]:", "[::1%25eth0]", "[1.2.3.4]", "[x]",
                "[::1]/64", "[v1.a]", "x?y", "x#y", "x\\y", "<x>", "x%20y", "\u00e4", "'x'", "x\ty", new string('x', 256),
            ];
            foreach (string host in invalid)
            {
                rows.Add(400, HostInvalid, Line + "Host: " + host + "\r\n\r\n");
            }

            rows.Add(400, HostInvalid, "GET / HTTP/1.0\r\nHost:\r\n\r\n");
            return rows;
        }
    }

    public static TheoryData<int, ProtocolFault, string> Framings
    {
        get
        {
            TheoryData<int, ProtocolFault, string> rows = new()
            {
                { 400, ContentLengthInvalid, Post + "Content-Length:\t5\r\n\r\nhello" },
                { 400, ContentLengthInvalid, Post + "Content-Length: 5\t\r\n\r\nhello" },
                { 400, ContentLengthOverflow, Post + "Content-Length: 9223372036854775808\r\n\r\n" },
                { 400, ContentLengthOverflow, Post + "Content-Length: 18446744073709551621\r\n\r\n" },
                { 400, ContentLengthOverflow, Post + "Content-Length: 99999999999999999999999\r\n\r\n" },
                { 400, ContentLengthRepeated, Post + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello" },
                { 400, ContentLengthRepeated, Post + "Content-Length: 5\r\ncontent-length: 6\r\n\r\nhello" },
                { 400, TransferEncodingWithContentLength, Post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" },
                { 400, TransferEncodingWithContentLength, Post + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" },
                { 400, TransferEncodingWithContentLength, Post + "Transfer-Encoding: x\r\nContent-Length: 0\r\n\r\n" },
                { 400, TransferEncodingRepeated, Post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" },
                { 400, TransferEncodingRepeated, Post + "Transfer-Encoding: gzip\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n" },
                { 400, TransferEncodingOnHttp10, "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" },
                { 501, TransferEncodingUnsupported, Post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" },
                { 501, TransferEncodingUnsupported, Post + "Transfer-Encoding: a,b , Chunked\r\n\r\n0\r\n\r\n" },
                { 400, ContentNotAllowed, "TRACE / HTTP/1.1\r\n" + Host + "Content-Length: 1\r\n\r\nz" },
                { 400, ContentNotAllowed, "TRACE / HTTP/1.1\r\n" + Host + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" },
                { 400, ContentNotAllowed, "CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\nContent-Length: 0\r\n\r\n" },
                { 400, ConnectionInvalid, Get + "Connection: close;x\r\n\r\n" },
                { 400, ConnectionInvalid, Get + "Connection: keep alive\r\n\r\n" },
                { 417, ExpectationUnknown, Post + "Expect: 200-ok\r\nContent-Length: 1\r\n\r\nz" },
                { 417, ExpectationUnknown, Post + "Expect: 100-continue, x\r\n\r\n" },
                { 417, ExpectationUnknown, Post + "Expect:\r\n\r\n" },
                { 417, ExpectationUnknown, Post + "Expect: 100-continue\r\nExpect: x\r\n\r\n" },
                { 417, ExpectationUnknown, "POST / HTTP/1.0\r\nExpect: x\r\n\r\n" },
            };
            string[] lengths = ["+5", "-0", "-5", "0x5", "1_0", "5,5", "5, 5", "", "5 5", "05", "00", "5a", "5.0", "\u00b25", "1e1",
                "5;", ",5"];
            foreach (string length in lengths)
            {
                rows.Add(400, ContentLengthInvalid, Post + "Content-Length: " + length + "\r\n\r\nhello");
            }

            string[] codings =
            [
                "xchunked", "chunkedx", "chunked,", ",chunked", "chunked, chunked", "chunked,gzip", "gzip", "identity", "", "\"chunked\"",
                "chunked;q=1", "\tchunked", "chunked\t", " \tchunked", "chun ked", "gzip chunked", "chunked, identity, chunked",
                "a b, chunked",
            ];
            foreach (string coding in codings)
            {
                rows.Add(400, TransferEncodingInvalid, Post + "Transfer-Encoding: " + coding + "\r\n\r\n0\r\n\r\n");
            }

            return rows;
        }
    }

    public static TheoryData<int, ProtocolFault, string> Chunks
    {
        get
        {
            TheoryData<int, ProtocolFault, string> rows = new()
            {
                { 400, ChunkSizeOverflow, Chunked + "8000000000000000\r\n" },
                { 400, ChunkSizeOverflow, Chunked + "ffffffffffffffff\r\n" },
                { 400, ChunkSizeInvalid, Chunked + "00000000000000005\r\nhello\r\n0\r\n\r\n" },
                { 400, ChunkSizeInvalid, Chunked + "10000000000000000\r\n" },
                { 413, BodyTooLarge, Chunked + "7fffffffffffffff\r\n" },
                { 413, BodyTooLarge, Chunked + "1\r\nx\r\n7fffffffffffffff\r\n" },
                { 400, BareLineFeed, Chunked + "5\nhello\r\n0\r\n\r\n" },
                { 400, BareLineFeed, Chunked + "5;a\nhello\r\n0\r\n\r\n" },
                { 400, BareLineFeed, Chunked + "5;a=\"\n\"\r\nhello\r\n0\r\n\r\n" },
                { 400, BareLineFeed, Chunked + "\n" },
                { 400, BareCarriageReturn, Chunked + "5\rx\nhello\r\n0\r\n\r\n" },
                { 400, BareCarriageReturn, Chunked + "5;a\r;b\r\nhello\r\n0\r\n\r\n" },
                { 400, BareCarriageReturn, Chunked + "0\r\r\n\r\n" },
                { 400, ChunkDataUnterminated, Chunked + "5\r\nhello!\r\n0\r\n\r\n" },
                { 400, ChunkDataUnterminated, Chunked + "5\r\nhello\n0\r\n\r\n" },
                { 400, ChunkDataUnterminated, Chunked + "5\r\nhello\n\n0\r\n\r\n" },
                { 400, ChunkDataUnterminated, Chunked + "5\r\nhello\rx0\r\n\r\n" },
                { 400, ChunkDataUnterminated, Chunked + "5\r\nhello\r\r\n0\r\n\r\n" },
                { 400, ChunkDataUnterminated, Chunked + "4\r\nhello\r\n0\r\n\r\n" },
                { 400, TrailerForbidden, Chunked + "0\r\nContent-Length: 5\r\n\r\n" },
                { 400, TrailerForbidden, Chunked + "0\r\nA: b\r\ntransfer-encoding: chunked\r\n\r\n" },
                { 400, TrailerForbidden, Chunked + "0\r\nHost: evil\r\n\r\n" },
                { 400, TrailerForbidden, Chunked + "0\r\nAuthorization: Basic x\r\n\r\n" },
                { 400, TrailerForbidden, Chunked + "0\r\nCookie: a=b\r\n\r\n" },
                { 400, TrailerForbidden, Chunked + "0\r\nContent-Type: a/b\r\n\r\n" },
                { 400, TrailerForbidden, Chunked + "0\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n" },
                { 400, FoldedLine, Chunked + "0\r\n A: b\r\n\r\n" },
                { 400, SpaceBeforeColon, Chunked + "0\r\nA : b\r\n\r\n" },
                { 400, ColonMissing, Chunked + "0\r\nA\r\n\r\n" },
                { 400, HeaderValueInvalid, Chunked + "0\r\nA: \0\r\n\r\n" },
                { 400, BareLineFeed, Chunked + "0\r\nA: b\n\r\n" },
                { 400, BareLineFeed, Chunked + "0\r\n\n" },
                { 400, BareCarriageReturn, Chunked + "0\r\n\rX: y\r\n\r\n" },
            };
            string[] sizes =
            [
                "", " ", " 5", "-5", "+5", "0x5", "5_0", "g", "5g", "5 ", "5\t", "5 x", "\0", "5\0", "5\u00ff", "5,", "\u00b2", ";a",
                "\"5\"",
            ];
            foreach (string size in sizes)
            {
                rows.Add(400, ChunkSizeInvalid, Chunked + size + "\r\nhello\r\n0\r\n\r\n");
            }

            string[] extensions =
            [
                ";", "; ", ";;", ";a;", ";=", ";=b", ";a=", ";a==b", ";a=b=c", ";a b", ";a=b c", ";a ", ";a=b ", ";a=\"", ";a=\"b\"c",
                ";a=\"b\" ",
                ";a=\"\0\"", ";a=\"\\\0\"", ";a=\"\u007f\"", ";\0", ";a\0", ";a=\u0001", ";\u00e4", ";a=\u00e4", ";(", ";a=,", ";a\\",
                ";\"a\"",
                ";a=\"b\"\"c\"", ";a=\"b\\\"", ";a\u000b",
            ];
            foreach (string extension in extensions)
            {
                rows.Add(400, ChunkExtensionInvalid, Chunked + "5" + extension + "\r\nhello\r\n0\r\n\r\n");
            }

            return rows;
        }
    }

    public static TheoryData<int, ProtocolFault, string> Cut =>
    [
        .. new[]
        {
            "G", "\u0016", "\r", "\r\nG", "\r\n\r", "GET / HTTP/1.1\r", "GET / HTTP/1.1\r\n" +
            "", Get, Get + "A", Get + "\r", Post + "Content-Length: 5\r\n\r\n",
            Post + "Content-Length: 5\r\n\r\nhell", Chunked, Chunked + "5", Chunked + "5;a", Chunked + "5\r", Chunked + "5\r\n" +
            "", Chunked + "5\r\nhello",
            Chunked + "5\r\nhello\r", Chunked + "5\r\nhello\r\n", Chunked + "0\r\n", Chunked + "0\r\n\r", Chunked + "0\r\nA: b\r\n" +
            "", Get + "Bad Name\r",
        }.Select(message => new TheoryDataRow<int, ProtocolFault, string>(400, Incomplete, message)),
    ];

    [Theory]
    [MemberData(nameof(Lines))]
    [MemberData(nameof(VersionsAndTargets))]
    [MemberData(nameof(Hosts))]
    [MemberData(nameof(Framings))]
    [MemberData(nameof(Chunks))]
    [MemberData(nameof(Cut))]
    public void Is_refused_the_same_in_every_split(int status, ProtocolFault fault, string message)
    {
        string account = Splits.AssertSame(message);
        Assert.StartsWith($"ERROR {fault} {status} ", account.Split('\n')[^2], StringComparison.Ordinal);
        Assert.EndsWith(".\n", account, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_fault_has_a_status_and_a_sentence()
    {
        foreach (ProtocolFault fault in Enum.GetValues<ProtocolFault>().Where(fault => fault != None))
        {
            (int status, string sentence) = ProtocolFaults.Describe(fault);
            Assert.Contains(status, (int[])[400, 413, 414, 417, 431, 501, 505]);
            Assert.EndsWith(".", sentence, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_sentence_shows_the_offending_bytes_escaped_and_cut()
    {
        RequestReader reader = new();
        reader.Read([.. "GET / HTTP/1.1\r\nHost: \"\u00e4"u8, .. Enumerable.Repeat((byte)'x', 100), .. "\r\n\r\n"u8], out _);
        Assert.Equal(
            "The Host header is not a name, an IPv4 address or a bracketed IPv6 address, with an optional port up to 65535. "
            + "Received: \"\\x22\\xC3\\xA4" + new string('x', 45) + "…\".",
            reader.Error!.Message);
    }

    [Fact]
    public void A_bad_value_is_not_shown_since_it_may_be_a_secret()
    {
        RequestReader reader = new();
        reader.Read("GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer s3cret\0\r\n\r\n"u8, out _);
        Assert.Contains("\"Authorization\"", reader.Error!.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", reader.Error.Message, StringComparison.Ordinal);
    }
}
