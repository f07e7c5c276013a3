using System.Text;
using Gyre.Http.Protocol;

namespace Gyre.Http.Tests.Protocol;

/// <summary>What a server does with a reader over the life of a connection.</summary>
public class ReaderLifecycleTests
{
    private static ReadOnlySpan<byte> Get => "GET /a?b HTTP/1.1\r\nHost: x\r\nX-One: 1\r\nX-Two: 2\r\nx-one: 3\r\n\r\n"u8;

    [Fact]
    public void A_head_stays_valid_when_the_input_is_gone()
    {
        RequestReader reader = new();
        byte[] input = Get.ToArray();
        Assert.Equal(ReaderEvent.Head, reader.Read(input, out int consumed));
        Assert.Equal(input.Length, consumed);
        Array.Clear(input);
        Assert.Equal("/a"u8, reader.Head.PathSpan);
        Assert.Equal("b"u8, reader.Head.QuerySpan);
        Assert.Equal("x"u8, reader.Head.AuthoritySpan);
        Assert.Equal("X-Two"u8, reader.Head.Headers.GetName(2));
        Assert.Equal("2"u8, reader.Head.Headers.GetValue(2));
    }

    [Fact]
    public void Headers_are_found_by_any_spelling_and_in_order()
    {
        RequestReader reader = new();
        reader.Read(Get, out _);
        FieldSection headers = reader.Head.Headers;
        Assert.Equal(4, headers.Count);
        Assert.True(headers.TryGetValue("x-TWO"u8, out ReadOnlySpan<byte> two));
        Assert.Equal("2"u8, two);
        Assert.True(headers.TryGetValue("hOST"u8, out _));
        Assert.True(headers.TryGetValue(KnownHeader.Host, out ReadOnlySpan<byte> host));
        Assert.Equal("x"u8, host);
        Assert.False(headers.TryGetValue(KnownHeader.Cookie, out _));
        Assert.False(headers.TryGetValue("X-Three"u8, out _));
        Assert.False(headers.Contains(KnownHeader.None));
        Assert.Equal(-1, headers.IndexOf(KnownHeader.None));
        int first = headers.IndexOf("X-ONE"u8);
        Assert.Equal(1, first);
        Assert.Equal(3, headers.IndexOf("X-ONE"u8, first + 1));
        Assert.Equal(-1, headers.IndexOf("X-ONE"u8, 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => headers.GetName(4));
        Assert.Throws<ArgumentOutOfRangeException>(() => headers.GetValue(-1));
        List<string> names = [];
        foreach (FieldLine line in headers)
        {
            names.Add(line.ToString());
        }

        Assert.Equal(["Host: x", "X-One: 1", "X-Two: 2", "x-one: 3"], names);
    }

    [Fact]
    public void A_known_header_is_found_behind_the_first_255_lines()
    {
        RequestReader reader = new(new HttpLimits { HeaderCountMax = 1000 });
        string lines = string.Concat(Enumerable.Range(0, 300).Select(i => $"A{i}: b\r\n"));
        byte[] request = Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\n{lines}Host: x\r\nVia: 1\r\nVia: 2\r\n\r\n");
        Assert.Equal(ReaderEvent.Head, reader.Read(request, out _));
        FieldSection headers = reader.Head.Headers;
        Assert.Equal(300, headers.IndexOf(KnownHeader.Host));
        Assert.Equal(301, headers.IndexOf(KnownHeader.Via));
        Assert.True(headers.IsRepeated(KnownHeader.Via));
        Assert.Equal(302, headers.NextIndexOf(KnownHeader.Via, 302));
        Assert.Equal(-1, headers.NextIndexOf(KnownHeader.Via, 303));
    }

    [Fact]
    public void Reset_is_refused_while_a_body_is_still_to_come()
    {
        RequestReader reader = new();
        Assert.Throws<LocalProtocolException>(reader.Reset);
        reader.Read("POST / HTTP/1.0\r\nContent-Length: 2\r\n\r\n"u8, out _);
        Assert.False(reader.IsComplete);
        Assert.Throws<LocalProtocolException>(reader.Reset);
        Assert.Equal(ReaderEvent.Data, reader.Read("a"u8, out _));
        Assert.Throws<LocalProtocolException>(reader.Reset);
        Assert.Equal(ReaderEvent.Data, reader.Read("b"u8, out _));
        Assert.True(reader.IsComplete);
        reader.Reset();
        Assert.Equal(ReaderState.Start, reader.State);
    }

    [Fact]
    public void A_request_without_a_body_needs_no_end_event_before_reset()
    {
        RequestReader reader = new();
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(ReaderEvent.Head, reader.Read(Get, out _));
            reader.Reset();
        }

        Assert.Equal(3, reader.MessageCount);
    }

    [Fact]
    public void End_is_repeated_until_reset_and_consumes_nothing()
    {
        RequestReader reader = new();
        reader.Read(Get, out _);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(ReaderEvent.End, reader.Read(Get, out int consumed));
            Assert.Equal(0, consumed);
        }
    }

    [Fact]
    public void The_next_request_does_not_see_the_last_one()
    {
        RequestReader reader = new();
        reader.Read(
            "GET http://h/p?q HTTP/1.1\r\nHost: h\r\nConnection: close, upgrade\r\nUpgrade: x\r\nCookie: y\r\n"u8, out _);
        reader.Read("Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n"u8, out _);
        Assert.Equal(ReaderEvent.End, reader.Read("0;aaaa\r\nT: 1\r\n\r\n"u8, out _));
        Assert.Equal(1, reader.Trailers.Count);
        reader.Reset();
        Assert.Equal(0, reader.Trailers.Count);
        reader.Read("GET / HTTP/1.0\r\n\r\n"u8, out _);
        Assert.Equal(
            "HEAD GET(Get) /(Origin) Http10 path=/ query= authority= None close\n", Transcript.Describe(reader.Head));
        Assert.False(reader.Head.Headers.Contains(KnownHeader.Cookie));
    }

    [Fact]
    public void After_an_error_only_recycle_helps()
    {
        RequestReader reader = new();
        Assert.Equal(ReaderEvent.Error, reader.Read("GET\n"u8, out _));
        Assert.Throws<LocalProtocolException>(reader.Reset);
        Assert.Equal(ReaderEvent.Error, reader.Read(Get, out int consumed));
        Assert.Equal(0, consumed);
        Assert.Equal(ReaderEvent.Error, reader.InputEnded());
        Assert.Equal(ProtocolFault.BareLineFeed, reader.Error!.Fault);
        reader.Recycle();
        Assert.Null(reader.Error);
        Assert.Equal(ReaderEvent.Head, reader.Read(Get, out _));
    }

    [Fact]
    public void Recycle_forgets_an_unfinished_request_and_gives_large_buffers_back()
    {
        RequestReader reader = new();
        reader.Read("GET / HTTP/1.1\r\nA: "u8, out _);
        reader.Read(Enumerable.Repeat((byte)'a', 20000).ToArray(), out _);
        Assert.True(reader.BufferBytes > 20000);
        reader.ShrinkIfLarge();
        Assert.True(reader.BufferBytes > 20000, "Bytes of a request that is being read were given away.");
        reader.Recycle();
        Assert.Equal(512, reader.BufferBytes);
        Assert.Equal(ReaderEvent.Head, reader.Read(Get, out _));
    }

    [Fact]
    public void What_follows_the_head_is_not_copied()
    {
        RequestReader reader = new();
        byte[] input = [.. "POST / HTTP/1.0\r\nContent-Length: 100000\r\n\r\n"u8, .. new byte[100_000]];
        Assert.Equal(ReaderEvent.Head, reader.Read(input, out int consumed));
        Assert.Equal(input.Length - 100_000, consumed);
        Assert.Equal(512, reader.BufferBytes);
        Assert.Equal(ReaderEvent.Data, reader.Read(input.AsSpan(consumed), out _));
        Assert.Equal(100_000, reader.DataLength);
        Assert.Equal(512, reader.BufferBytes);
    }

    [Fact]
    public void Chunk_extensions_are_counted_for_each_message_alone()
    {
        RequestReader reader = new(new HttpLimits { ChunkExtensionBytesMax = 4 });
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(ReaderEvent.Head, reader.Read("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"u8, out _));
            Assert.Equal(ReaderEvent.End, reader.Read("0;abc\r\n\r\n"u8, out _));
            reader.Reset();
        }
    }

    [Fact]
    public void A_repetition_is_forgotten_with_its_request()
    {
        RequestReader reader = new();
        Assert.Equal(ReaderEvent.Head, reader.Read("GET / HTTP/1.1\r\nHost: x\r\nVia: 1\r\nVia: 2\r\n\r\n"u8, out _));
        Assert.True(reader.Head.Headers.IsRepeated(KnownHeader.Via));
        reader.Reset();
        Assert.Equal(ReaderEvent.Head, reader.Read("GET / HTTP/1.1\r\nHost: x\r\nVia: 1\r\n\r\n"u8, out _));
        Assert.False(reader.Head.Headers.IsRepeated(KnownHeader.Via));
    }

    [Fact]
    public void Small_buffers_are_kept()
    {
        RequestReader reader = new();
        reader.Read(Encoding.ASCII.GetBytes($"GET /{new string('a', 3000)} HTTP/1.0\r\n\r\n"), out _);
        reader.Reset();
        reader.ShrinkIfLarge();
        Assert.Equal(4096, reader.BufferBytes);
    }

    [Fact]
    public void The_peer_may_close_between_messages_only()
    {
        RequestReader reader = new();
        reader.Read(Get, out _);
        Assert.Equal(ReaderEvent.Closed, reader.InputEnded());
        Assert.Equal("/a"u8, reader.Head.PathSpan);
        Assert.Equal(ReaderEvent.Closed, reader.InputEnded());
        Assert.Throws<LocalProtocolException>(() => reader.Read("x"u8, out _));
    }

    [Fact]
    public void It_tells_an_idle_connection_from_a_slow_head()
    {
        RequestReader reader = new();
        Assert.False(reader.IsInsideMessage);
        reader.Read("G"u8, out _);
        Assert.True(reader.IsInsideMessage);
        reader.Read("ET / HTTP/1.0\r\nContent-Length: 1\r\n\r\n"u8, out _);
        Assert.True(reader.IsInsideMessage);
    }

    [Fact]
    public void Ten_thousand_pipelined_requests_come_out_one_by_one()
    {
        byte[] one =
            [.. "POST /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"u8, .. "GET /2 HTTP/1.1\r\nHost: x\r\n\r\n"u8];
        byte[] all = [.. Enumerable.Repeat(one, 5000).SelectMany(bytes => bytes)];
        RequestReader reader = new();
        ReadOnlySpan<byte> rest = all;
        int heads = 0;
        int data = 0;
        while (!rest.IsEmpty)
        {
            ReaderEvent found = reader.Read(rest, out int consumed);
            heads += found == ReaderEvent.Head ? 1 : 0;
            data += found == ReaderEvent.Data ? reader.DataLength : 0;
            Assert.NotEqual(ReaderEvent.Error, found);
            rest = rest[consumed..];
            if (reader.IsComplete)
            {
                reader.Reset();
            }
        }

        Assert.Equal(10_000, heads);
        Assert.Equal(15_000, data);
        Assert.Equal(ReaderEvent.Closed, reader.InputEnded());
    }

    [Fact]
    public void Data_points_into_the_input_without_the_framing()
    {
        RequestReader reader = new();
        reader.Read("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"u8, out _);
        byte[] input = "3\r\nabc\r\n2;x\r\nde\r\n0\r\n\r\n"u8.ToArray();
        Assert.Equal(ReaderEvent.Data, reader.Read(input, out int consumed));
        Assert.Equal(3..6, reader.DataRange);
        Assert.Equal(6, consumed);
        Assert.Equal(ReaderEvent.Data, reader.Read(input.AsSpan(6), out consumed));
        Assert.Equal("de"u8, input.AsSpan(6)[reader.DataRange]);
        Assert.Equal(ReaderEvent.End, reader.Read(input.AsSpan(6 + consumed), out _));
        Assert.Equal(0, reader.DataLength);
    }

    [Fact]
    public void It_describes_itself_in_the_debugger()
    {
        RequestReader reader = new();
        reader.Read(Get, out _);
        Assert.Equal("GET /a?b HTTP/1.1", reader.Head.ToString());
    }
}
