using Gyre.Http.Protocol;

namespace Gyre.Http.Tests.Protocol;

/// <summary>Each limit at its exact value and one above, in every split.</summary>
public class LimitTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: x\r\n";
    private const string Chunked = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";

    private static readonly HttpLimits s_small = new()
    {
        RequestLineBytesMax = 48,
        MethodBytesMax = 10,
        HeaderBlockBytesMax = 100,
        HeaderCountMax = 3,
        ChunkExtensionBytesMax = 8,
        TrailerBytesMax = 40,
        BodyBytesMax = 20,
    };

    [Theory]
    [InlineData(0, null)]
    [InlineData(1, ProtocolFault.RequestLineTooLong)]
    [InlineData(30, ProtocolFault.RequestLineTooLong)]
    public void Request_line(int over, ProtocolFault? fault)
    {
        string target = "/" + new string('a', 48 - "GET / HTTP/1.1\r\n".Length + over);
        AssertVerdict(fault, 414, $"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n");
        AssertVerdict(fault, 414, $"\r\nGET {target} HTTP/1.1\r\nHost: x\r\n\r\n");
    }

    [Fact]
    public void Request_line_without_an_end() =>
        AssertVerdict(ProtocolFault.RequestLineTooLong, 414, "GET /" + new string('a', 100));

    [Theory]
    [InlineData(0, null)]
    [InlineData(1, ProtocolFault.MethodTooLong)]
    [InlineData(60, ProtocolFault.MethodTooLong)]
    public void Method(int over, ProtocolFault? fault) =>
        AssertVerdict(fault, 501, new string('M', 10 + over) + " / HTTP/1.1\r\nHost: x\r\n\r\n");

    [Fact]
    public void Method_without_an_end() => AssertVerdict(ProtocolFault.MethodTooLong, 501, new string('M', 48));

    [Fact]
    public void Method_limit_above_the_line_limit() =>
        AssertVerdict(ProtocolFault.MethodTooLong, 501, new string('M', 60), s_small with { MethodBytesMax = 1000 });

    [Theory]
    [InlineData(0, null)]
    [InlineData(1, ProtocolFault.HeaderBlockTooLarge)]
    [InlineData(50, ProtocolFault.HeaderBlockTooLarge)]
    public void Header_block(int over, ProtocolFault? fault)
    {
        int rest = 100 - "Host: x\r\n".Length - "A: \r\n".Length - 2 + over;
        AssertVerdict(fault, 431, Get + "A: " + new string('b', rest) + "\r\n\r\n");
        AssertVerdict(fault, 431, "\r\n" + Get + "A: " + new string('b', rest) + "\r\n\r\n");
        AssertVerdict(fault, 431, Get + new string('b', rest) + ": A\r\n\r\n", s_small with { HeaderBlockBytesMax = 100 });
    }

    [Theory]
    [InlineData("A: ")]
    [InlineData("")]
    [InlineData("A\0")]
    public void Header_line_without_an_end(string start) =>
        AssertVerdict(ProtocolFault.HeaderBlockTooLarge, 431, Get + start + new string('b', 200));

    [Theory]
    [InlineData(3, null)]
    [InlineData(4, ProtocolFault.HeadersTooMany)]
    public void Header_count(int count, ProtocolFault? fault) =>
        AssertVerdict(fault, 431, Get + string.Concat(Enumerable.Repeat("A: b\r\n", count - 1)) + "\r\n");

    [Theory]
    [InlineData(20, null)]
    [InlineData(21, ProtocolFault.BodyTooLarge)]
    public void Body(int length, ProtocolFault? fault)
    {
        string body = new('b', length);
        AssertVerdict(fault, 413, $"{Get}Content-Length: {length}\r\n\r\n{body}");
        AssertVerdict(fault, 413, $"{Chunked}{length:x}\r\n{body}\r\n0\r\n\r\n");
        AssertVerdict(fault, 413, $"{Chunked}10\r\n{body[..16]}\r\n{length - 16:x}\r\n{body[16..]}\r\n0\r\n\r\n");
    }

    [Theory]
    [InlineData(";abcdefg", "", null)]
    [InlineData(";abcdefgh", "", ProtocolFault.ChunkExtensionsTooLarge)]
    [InlineData(";abc", ";a=b", null)]
    [InlineData(";abc", ";a=bc", ProtocolFault.ChunkExtensionsTooLarge)]
    [InlineData(";abc", " ; a=b", ProtocolFault.ChunkExtensionsTooLarge)]
    public void Chunk_extensions_of_all_chunks(string first, string last, ProtocolFault? fault) =>
        AssertVerdict(fault, 400, $"{Chunked}1{first}\r\nz\r\n0{last}\r\n\r\n");

    [Fact]
    public void Chunk_extension_without_an_end() =>
        AssertVerdict(ProtocolFault.ChunkExtensionsTooLarge, 400, Chunked + "1;" + new string('a', 100));

    [Theory]
    [InlineData(0, null)]
    [InlineData(1, ProtocolFault.TrailersTooLarge)]
    [InlineData(30, ProtocolFault.TrailersTooLarge)]
    public void Trailers(int over, ProtocolFault? fault)
    {
        int rest = 40 - "A: \r\n".Length - 2 + over;
        AssertVerdict(fault, 431, $"{Chunked}0\r\nA: {new string('b', rest)}\r\n\r\n");
    }

    [Fact]
    public void Trailer_without_an_end() => AssertVerdict(ProtocolFault.TrailersTooLarge, 431, $"{Chunked}0\r\n{new string('b', 50)}");

    [Theory]
    [InlineData(3, null)]
    [InlineData(4, ProtocolFault.HeadersTooMany)]
    public void Trailer_count(int count, ProtocolFault? fault) =>
        AssertVerdict(fault, 431, $"{Chunked}0\r\n{string.Concat(Enumerable.Repeat("A: b\r\n", count))}\r\n");

    [Fact]
    public void The_body_limit_can_be_raised_for_a_route_after_the_head()
    {
        RequestReader reader = new(s_small);
        Assert.Equal(ReaderEvent.Head, reader.Read("POST / HTTP/1.0\r\nContent-Length: 30\r\n\r\n"u8, out _));
        Assert.Equal(20, reader.BodyBytesMax);
        reader.BodyBytesMax = 30;
        Assert.Equal(ReaderEvent.Data, reader.Read(new byte[40], out int consumed));
        Assert.Equal(30, consumed);
        Assert.Equal(ReaderEvent.End, reader.Read(new byte[10], out _));
        reader.Reset();
        Assert.Equal(20, reader.BodyBytesMax);
    }

    [Fact]
    public void The_body_limit_can_be_lowered_for_a_route_after_the_head()
    {
        RequestReader reader = new(s_small);
        Assert.Equal(ReaderEvent.Head, reader.Read("POST / HTTP/1.0\r\nContent-Length: 10\r\n\r\n"u8, out _));
        reader.BodyBytesMax = 9;
        Assert.Equal(ReaderEvent.Error, reader.Read(new byte[10], out _));
        Assert.Equal(413, reader.Error!.StatusCode);
    }

    [Fact]
    public void Memory_stays_within_the_limits_whatever_comes()
    {
        RequestReader reader = new();
        reader.Read("GET / HTTP/1.1\r\nA: "u8, out _);
        for (int i = 0; i < 1000; i++)
        {
            reader.Read(new string('a', 1000).Select(c => (byte)c).ToArray(), out _);
        }

        Assert.Equal(431, reader.Error!.StatusCode);
        Assert.InRange(reader.BufferBytes, 32768, 65536);
    }

    [Fact]
    public void Defaults_are_the_documented_ones()
    {
        HttpLimits limits = HttpLimits.Default;
        Assert.Equal(8192, limits.RequestLineBytesMax);
        Assert.Equal(32, limits.MethodBytesMax);
        Assert.Equal(32768, limits.HeaderBlockBytesMax);
        Assert.Equal(100, limits.HeaderCountMax);
        Assert.Equal(16384, limits.ChunkExtensionBytesMax);
        Assert.Equal(16384, limits.TrailerBytesMax);
        Assert.Equal(30_000_000, limits.BodyBytesMax);
    }

    [Fact]
    public void A_nonsensical_limit_is_refused_by_name()
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => new HttpLimits { RequestLineBytesMax = 31 });
        Assert.Contains("RequestLineBytesMax must be from 32 to 1048576; it was 31.", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new HttpLimits { HeaderBlockBytesMax = int.MaxValue });
        Assert.Throws<ArgumentOutOfRangeException>(() => new HttpLimits { HeaderCountMax = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new HttpLimits { TrailerBytesMax = 1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new HttpLimits { ChunkExtensionBytesMax = -1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new HttpLimits { MethodBytesMax = 6 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new HttpLimits { BodyBytesMax = -1 });
    }

    private static void AssertVerdict(ProtocolFault? fault, int status, string message, HttpLimits? limits = null)
    {
        string account = Splits.AssertSame(message, limits ?? s_small);
        if (fault is null)
        {
            Assert.EndsWith("\nCLOSED\n", account, StringComparison.Ordinal);
        }
        else
        {
            Assert.Contains($"ERROR {fault} {status} ", account, StringComparison.Ordinal);
        }
    }
}
