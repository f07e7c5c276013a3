using System.Buffers;
using System.Text;
using Gyre.Http.Protocol;

namespace Gyre.Http.Tests.Protocol;

public class ResponseWriterTests
{
    private const string Date = "Sun, 06 Nov 1994 08:49:37 GMT";

    private readonly ResponseHead _response = new();
    private readonly ResponseWriter _writer = new();
    private readonly CountingOutput _output = new();

    [Fact]
    public void Hello_is_one_piece()
    {
        _response.Headers.Add(KnownHeader.ContentType, "text/plain"u8);
        Assert.Equal(ResponseVerdict.KeepAlive, Whole(Request("GET", "1.1"), "Hello, World!"));
        Assert.Equal(
            $"HTTP/1.1 200 OK\r\nDate: {Date}\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, World!", _output.Text);
        Assert.Equal(1, _output.SpanCount);
        Assert.Equal(1, _output.AdvanceCount);
    }

    [Theory]
    [InlineData("1.1", "", "", "KeepAlive")]
    [InlineData("1.1", "close", "Connection: close\r\n", "Close")]
    [InlineData("1.0", "", "Connection: close\r\n", "Close")]
    [InlineData("1.0", "keep-alive", "Connection: keep-alive\r\n", "KeepAlive")]
    public void Connection_follows_the_request(string version, string option, string header, string verdict)
    {
        ResponseVerdict found = Whole(Request("GET", version, option), "x");
        Assert.Equal($"HTTP/1.1 200 OK\r\nDate: {Date}\r\nContent-Length: 1\r\n{header}\r\nx", _output.Text);
        Assert.Equal(verdict, found.ToString());
    }

    [Fact]
    public void Close_is_this_sides_right()
    {
        _response.Close = true;
        Assert.Equal(ResponseVerdict.Close, Whole(Request("GET", "1.1"), ""));
        Assert.Equal($"HTTP/1.1 200 OK\r\nDate: {Date}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", _output.Text);
    }

    [Fact]
    public void An_unreadable_request_is_answered_and_closed()
    {
        _response.StatusCode = 400;
        Assert.Equal(ResponseVerdict.Close, Whole(null, "no"));
        Assert.Equal($"HTTP/1.1 400 Bad Request\r\nDate: {Date}\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno", _output.Text);
    }

    [Theory]
    [InlineData("GET", 200, "1.1", BodyFraming.Chunked, "Transfer-Encoding: chunked\r\n", "4\r\nbody\r\n0\r\n\r\n")]
    [InlineData("GET", 200, "1.0", BodyFraming.UntilClose, "Connection: close\r\n", "body")]
    [InlineData("HEAD", 200, "1.1", BodyFraming.None, "", "")]
    [InlineData("HEAD", 200, "1.0", BodyFraming.None, "Connection: close\r\n", "")]
    [InlineData("GET", 204, "1.1", BodyFraming.None, "", "")]
    [InlineData("GET", 304, "1.1", BodyFraming.None, "", "")]
    [InlineData("GET", 205, "1.1", BodyFraming.Length, "Content-Length: 0\r\n", "")]
    [InlineData("GET", 101, "1.1", BodyFraming.Tunnel, "", "body")]
    [InlineData("CONNECT", 200, "1.1", BodyFraming.Tunnel, "", "body")]
    [InlineData("CONNECT", 404, "1.1", BodyFraming.Chunked, "Transfer-Encoding: chunked\r\n", "4\r\nbody\r\n0\r\n\r\n")]
    public void Framing_of_an_unknown_length(string method, int status, string version, BodyFraming framing, string header, string body)
    {
        _response.StatusCode = status;
        Assert.Equal($"HTTP/1.1 {status} *\r\n{header}\r\n{body}", WriteParts(Request(method, version), "bo", "dy"));
        Assert.Equal(framing, _writer.Framing);
    }

    [Theory]
    [InlineData("GET", 200, "Content-Length: 4\r\n", "body")]
    [InlineData("HEAD", 200, "Content-Length: 4\r\n", "")]
    [InlineData("GET", 204, "", "")]
    [InlineData("GET", 304, "Content-Length: 4\r\n", "")]
    [InlineData("GET", 205, "Content-Length: 0\r\n", "")]
    [InlineData("CONNECT", 200, "", "body")]
    public void Framing_of_a_known_length(string method, int status, string header, string body)
    {
        _response.StatusCode = status;
        _response.ContentLength = 4;
        Assert.Equal($"HTTP/1.1 {status} *\r\n{header}\r\n{body}", WriteParts(Request(method, "1.1"), "bo", "dy"));
    }

    [Theory]
    [InlineData(null, "")]
    [InlineData(4L, "Content-Length: 4\r\n")]
    public void A_length_of_a_304_is_never_made_up(long? declared, string header)
    {
        _response.StatusCode = 304;
        _response.ContentLength = declared;
        Assert.Equal(ResponseVerdict.KeepAlive, Whole(Request("GET", "1.1"), ""));
        Assert.Equal($"HTTP/1.1 304 Not Modified\r\nDate: {Date}\r\n{header}\r\n", _output.Text);
    }

    [Fact]
    public void A_bodyless_response_keeps_the_connection_whatever_the_handler_writes()
    {
        RequestHead request = Request("HEAD", "1.1");
        _response.ContentLength = 4;
        _writer.WriteHead(_output, _response, request, default);
        _writer.WriteBody(_output, "much too long"u8);
        Assert.False(_writer.SendsBody);
        Assert.Equal(ResponseVerdict.KeepAlive, _writer.Complete(_output));
        Assert.EndsWith("\r\n\r\n", _output.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void More_than_declared_throws_and_writes_nothing_of_it()
    {
        _response.ContentLength = 3;
        _writer.WriteHead(_output, _response, Request("GET", "1.1"), default);
        _writer.WriteBody(_output, "ab"u8);
        var error = Assert.Throws<LocalProtocolException>(() => _writer.WriteBody(_output, "cd"u8));
        Assert.IsType<InvalidOperationException>(error, exactMatch: false);
        Assert.Contains("3 bytes; 2 are written and 2 more", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nab", _output.Text, StringComparison.Ordinal);
        _writer.WriteBody(_output, "c"u8);
        Assert.Equal(ResponseVerdict.Close, _writer.Complete(_output));
    }

    [Fact]
    public void Less_than_declared_is_reported()
    {
        _response.ContentLength = 3;
        _writer.WriteHead(_output, _response, Request("GET", "1.1"), default);
        _writer.WriteBody(_output, "ab"u8);
        Assert.Equal(ResponseVerdict.Incomplete, _writer.Complete(_output));
        Assert.False(_writer.KeepAlive);
    }

    [Fact]
    public void An_empty_write_does_not_end_the_chunks()
    {
        _writer.WriteHead(_output, _response, Request("GET", "1.1"), default);
        int pieces = _output.AdvanceCount;
        _writer.WriteBody(_output, default);
        Assert.Equal(pieces, _output.AdvanceCount);
        _writer.WriteBodyPrefix(_output, 0);
        _writer.WriteBodySuffix(_output);
        _writer.WriteBody(_output, "x"u8);
        _writer.Complete(_output);
        Assert.EndsWith("\r\n\r\n1\r\nx\r\n0\r\n\r\n", _output.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(4096)]
    [InlineData(4097)]
    [InlineData(100_000)]
    public void A_chunk_of_any_size_is_framed(int length)
    {
        byte[] data = new byte[length];
        _writer.WriteHead(_output, _response, Request("GET", "1.1"), default);
        _output.Clear();
        _writer.WriteBody(_output, data);
        Assert.Equal($"{length:x}\r\n{new string('\0', length)}\r\n", _output.Text);
        _output.Clear();
        _writer.Reset();
        _writer.WriteHead(_output, _response, Request("GET", "1.1"), default);
        _output.Clear();
        Assert.Equal(ResponseVerdict.KeepAlive, _writer.Complete(_output));
        Assert.Equal("0\r\n\r\n", _output.Text);
    }

    [Fact]
    public void Bytes_sent_by_others_are_framed_by_prefix_and_suffix()
    {
        _writer.WriteHead(_output, _response, Request("GET", "1.1"), default);
        _output.Clear();
        _writer.WriteBodyPrefix(_output, 0x1_0000_0000);
        Assert.Throws<LocalProtocolException>(() => _writer.WriteBody(_output, "x"u8));
        Assert.Throws<LocalProtocolException>(() => _writer.Complete(_output));
        _writer.WriteBodySuffix(_output);
        _writer.Complete(_output);
        Assert.Equal("100000000\r\n\r\n0\r\n\r\n", _output.Text);
        Assert.Equal(0x1_0000_0000, _writer.BodyBytesWritten);
    }

    [Fact]
    public void Prefix_counts_against_the_declared_length()
    {
        _response.ContentLength = 10;
        _writer.WriteHead(_output, _response, Request("GET", "1.1"), default);
        _output.Clear();
        Assert.Throws<LocalProtocolException>(() => _writer.WriteBodyPrefix(_output, 11));
        Assert.Throws<ArgumentOutOfRangeException>(() => _writer.WriteBodyPrefix(_output, -1));
        _writer.WriteBodyPrefix(_output, 10);
        _writer.WriteBodySuffix(_output);
        Assert.Equal("", _output.Text);
        _writer.Complete(_output);
    }

    [Fact]
    public void Trailers_follow_the_last_chunk()
    {
        ResponseHeaders trailers = new();
        trailers.Add("Digest", "x");
        _writer.WriteHead(_output, _response, Request("GET", "1.1"), default);
        _output.Clear();
        _writer.Complete(_output, trailers);
        Assert.Equal("0\r\nDigest: x\r\n\r\n", _output.Text);
    }

    [Fact]
    public void Trailers_have_no_place_behind_a_length_and_no_forbidden_names()
    {
        ResponseHeaders trailers = new();
        trailers.Add("Digest", "x");
        _response.ContentLength = 0;
        _writer.WriteHead(_output, _response, Request("GET", "1.1"), default);
        _output.Clear();
        trailers.Add(KnownHeader.SetCookie, "a=b");
        Assert.Throws<ArgumentException>(() => _writer.Complete(_output, trailers));
        trailers.Remove(KnownHeader.SetCookie);
        _writer.Complete(_output, trailers);
        Assert.Equal("", _output.Text);
    }

    [Fact]
    public void Interim_responses_go_before_the_head_and_not_to_http10()
    {
        RequestHead request = Request("GET", "1.1");
        Assert.True(_writer.WriteInterim(_output, request, 100));
        ResponseHeaders hints = new();
        hints.Add(KnownHeader.Link, "</a>; rel=preload");
        Assert.True(_writer.WriteInterim(_output, request, 103, hints));
        Assert.Equal("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n", _output.Text);
        _output.Clear();
        Assert.False(_writer.WriteInterim(_output, Request("GET", "1.0"), 100));
        Assert.Equal("", _output.Text);
        Assert.Throws<ArgumentOutOfRangeException>(() => _writer.WriteInterim(_output, request, 200));
        Assert.Throws<ArgumentOutOfRangeException>(() => _writer.WriteInterim(_output, request, 101));
        _writer.WriteHead(_output, _response, request, default);
        Assert.Throws<LocalProtocolException>(() => _writer.WriteInterim(_output, request, 100));
    }

    [Fact]
    public void An_upgrade_is_listed_in_connection()
    {
        _response.StatusCode = 101;
        _response.Headers.Add(KnownHeader.Upgrade, "websocket");
        Assert.Equal("HTTP/1.1 101 *\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n", WriteParts(Request("GET", "1.1", "upgrade")));
        Assert.Equal(BodyFraming.Tunnel, _writer.Framing);
        _writer.Reset();
        _response.StatusCode = 426;
        _response.Close = true;
        _response.ContentLength = 0;
        _output.Clear();
        _writer.WriteHead(_output, _response, Request("GET", "1.1"), default);
        Assert.EndsWith("Content-Length: 0\r\nConnection: upgrade, close\r\n\r\n", _output.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tunnel_is_not_kept_as_http()
    {
        _response.StatusCode = 101;
        _writer.WriteHead(_output, _response, Request("GET", "1.1"), default);
        Assert.Equal(ResponseVerdict.Tunnel, _writer.Complete(_output));
    }

    [Fact]
    public void A_date_of_its_own_replaces_the_servers()
    {
        _response.Headers.Add(KnownHeader.Date, "then");
        Whole(Request("GET", "1.1"), "");
        Assert.Equal("HTTP/1.1 200 OK\r\nDate: then\r\nContent-Length: 0\r\n\r\n", _output.Text);
        Assert.Throws<ArgumentException>(() => new ResponseWriter().WriteHead(_output, _response, null, "today"u8));
    }

    [Fact]
    public void Status_and_reason()
    {
        _response.StatusCode = 299;
        Whole(Request("GET", "1.1"), "");
        Assert.StartsWith("HTTP/1.1 299 \r\n", _output.Text, StringComparison.Ordinal);
        _writer.Reset();
        _output.Clear();
        _response.Reason = "Fine\tby me";
        Whole(Request("GET", "1.1"), "");
        Assert.StartsWith("HTTP/1.1 299 Fine\tby me\r\n", _output.Text, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => _response.StatusCode = 99);
        Assert.Throws<ArgumentOutOfRangeException>(() => _response.StatusCode = 600);
        Assert.Throws<ArgumentOutOfRangeException>(() => _response.ContentLength = -1);
    }

    [Theory]
    [InlineData("a\rb")]
    [InlineData("a\nb")]
    [InlineData("\0")]
    [InlineData("\t\t\n")]
    [InlineData("\u00e9")]
    [InlineData("\u007f")]
    public void A_bad_reason_is_refused(string reason)
    {
        var error = Assert.Throws<ArgumentException>(() => _response.Reason = reason);
        Assert.Contains("reason phrase", error.Message, StringComparison.Ordinal);
        Assert.Null(_response.Reason);
    }

    [Fact]
    public void Steps_out_of_order_throw()
    {
        Assert.Throws<LocalProtocolException>(() => _writer.WriteBody(_output, "x"u8));
        Assert.Throws<LocalProtocolException>(() => _writer.Complete(_output));
        _response.StatusCode = 100;
        Assert.Throws<LocalProtocolException>(() => _writer.WriteHead(_output, _response, null, default));
        _response.StatusCode = 200;
        _writer.WriteHead(_output, _response, null, default);
        Assert.Throws<LocalProtocolException>(() => _writer.WriteHead(_output, _response, null, default));
        _writer.Complete(_output);
        Assert.Throws<LocalProtocolException>(() => _writer.WriteBody(_output, "x"u8));
        Assert.Throws<LocalProtocolException>(() => _writer.Complete(_output));
        Assert.Throws<LocalProtocolException>(() => _writer.WriteHead(_output, _response, null, default));
        _writer.Reset();
        _writer.WriteHead(_output, _response, null, default);
    }

    [Theory]
    [InlineData(4096, true)]
    [InlineData(4097, false)]
    public void A_small_body_goes_with_the_head_and_a_large_one_by_itself(int length, bool isOnePiece)
    {
        string body = new('b', length);
        Whole(Request("GET", "1.1"), body);
        Assert.EndsWith("\r\n\r\n" + body, _output.Text, StringComparison.Ordinal);
        Assert.Equal(isOnePiece, _output.AdvanceCount == 1);
    }

    [Fact]
    public void The_longest_head_fits_what_was_asked_for()
    {
        _response.StatusCode = 431;
        _response.Reason = new string('r', 100);
        _response.ContentLength = long.MaxValue;
        _response.Close = true;
        _response.Headers.Add(KnownHeader.Upgrade, "x");
        _output.IsExact = true;
        _writer.WriteHead(_output, _response, Request("GET", "1.1"), Encoding.ASCII.GetBytes(Date));
        Assert.Contains("Content-Length: 9223372036854775807\r\n", _output.Text, StringComparison.Ordinal);
    }

    private static RequestHead Request(string method, string version, string option = "")
    {
        RequestReader reader = new();
        string target = method == "CONNECT" ? "x:1" : "/";
        string connection = option.Length > 0 ? $"Connection: {option}\r\n" : "";
        string host = method == "CONNECT" ? "x:1" : "x";
        byte[] request = Encoding.ASCII.GetBytes($"{method} {target} HTTP/{version}\r\nHost: {host}\r\n{connection}\r\n");
        Assert.Equal(ReaderEvent.Head, reader.Read(request, out _));
        return reader.Head;
    }

    private ResponseVerdict Whole(RequestHead? request, string body) =>
        _writer.WriteWhole(_output, _response, request, Encoding.ASCII.GetBytes(Date), Encoding.ASCII.GetBytes(body));

    /// <summary>The response with the reason replaced by a star.</summary>
    private string WriteParts(RequestHead request, params string[] parts)
    {
        _writer.WriteHead(_output, _response, request, default);
        _writer.WriteBody(_output, Encoding.ASCII.GetBytes(string.Concat(parts)));
        _writer.Complete(_output);
        string text = _output.Text;
        int end = text.IndexOf("\r\n", StringComparison.Ordinal);
        return text[.."HTTP/1.1 200 ".Length] + "*" + text[end..];
    }

    private sealed class CountingOutput : IBufferWriter<byte>
    {
        private byte[] _bytes = new byte[64];
        private int _length;

        public bool IsExact { get; set; }

        public int SpanCount { get; private set; }

        public int AdvanceCount { get; private set; }

        public string Text => Encoding.Latin1.GetString(_bytes, 0, _length);

        public void Clear() => _length = 0;

        public void Advance(int count)
        {
            AdvanceCount++;
            _length += count;
        }

        public Memory<byte> GetMemory(int sizeHint = 0)
        {
            SpanCount++;
            int size = Math.Max(sizeHint, 1);
            if (_bytes.Length < _length + size)
            {
                Array.Resize(ref _bytes, (_length + size) * 2);
            }

            return IsExact ? _bytes.AsMemory(_length, size) : _bytes.AsMemory(_length);
        }

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
    }
}
