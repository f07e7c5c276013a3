using System.Text;
using Gyre.Http.Protocol;

namespace Gyre.Http.Tests.Protocol;

public class ResponseHeadersTests
{
    [Fact]
    public void Lines_are_kept_as_they_go_on_the_wire()
    {
        ResponseHeaders headers = new();
        headers.Add(KnownHeader.ContentType, "text/plain"u8);
        headers.Add(KnownHeader.SetCookie, "a=b");
        headers.Add("X-Own"u8, ""u8);
        headers.Add("set-cookie", "c=\td");
        Assert.Equal("Content-Type: text/plain\r\nSet-Cookie: a=b\r\nX-Own: \r\nset-cookie: c=\td\r\n", Wire(headers));
        Assert.Equal(4, headers.Count);
        Assert.Equal("X-Own: ", headers[2].ToString());
        Assert.Equal(KnownHeader.SetCookie, headers[3].Known);
        Assert.Throws<ArgumentOutOfRangeException>(() => headers[4].Known);
        Assert.True(headers.TryGetValue(KnownHeader.SetCookie, out ReadOnlySpan<byte> first));
        Assert.Equal("a=b"u8, first);
        Assert.True(headers.TryGetValue("x-OWN"u8, out _));
        Assert.False(headers.TryGetValue("x-other"u8, out _));
        Assert.False(headers.TryGetValue(KnownHeader.Date, out _));
    }

    [Fact]
    public void Set_replaces_all_lines_of_a_name_and_remove_removes_them()
    {
        ResponseHeaders headers = new();
        headers.Add("A", "1");
        headers.Add(KnownHeader.Vary, "x");
        headers.Add("a", "2");
        headers.Add("VARY", "y");
        headers.Set("A", "3");
        Assert.Equal("Vary: x\r\nVARY: y\r\nA: 3\r\n", Wire(headers));
        headers.Set(KnownHeader.Vary, "z"u8);
        Assert.Equal("A: 3\r\nVary: z\r\n", Wire(headers));
        headers.Set("B"u8, "4"u8);
        headers.Set(KnownHeader.Server, "s");
        headers.Set("vary"u8, "w"u8);
        Assert.Equal("A: 3\r\nB: 4\r\nServer: s\r\nvary: w\r\n", Wire(headers));
        Assert.True(headers.Remove(headers[0].Name));
        Assert.True(headers.Remove(KnownHeader.Vary));
        Assert.False(headers.Contains(KnownHeader.Vary));
        Assert.False(headers.Remove(KnownHeader.Vary));
        Assert.False(headers.Remove("no such"u8));
        Assert.Equal("B: 4\r\nServer: s\r\n", Wire(headers));
        headers.Clear();
        Assert.Equal("", Wire(headers));
        Assert.False(headers.Contains(KnownHeader.Server));
    }

    [Fact]
    public void It_grows_and_gives_large_buffers_back()
    {
        ResponseHeaders headers = new();
        for (int i = 0; i < 200; i++)
        {
            headers.Add($"X-{i}", new string('v', 100));
        }

        Assert.Equal(200, headers.Count);
        Assert.Equal("X-199: " + new string('v', 100), headers[199].ToString());
        headers.Clear();
        headers.Add("A", new string('v', 1000));
        Assert.Equal("A: " + new string('v', 1000) + "\r\n", Wire(headers));
    }

    [Theory]
    [InlineData("\r")]
    [InlineData("\n")]
    [InlineData("\0")]
    [InlineData("\r\nEvil: yes")]
    [InlineData("a\u0001")]
    [InlineData("a\u007f")]
    public void A_control_byte_in_a_value_is_refused_by_name(string value)
    {
        ResponseHeaders headers = new();
        byte[] bytes = Encoding.Latin1.GetBytes(value);
        ArgumentException[] errors =
        [
            Assert.Throws<ArgumentException>(() => headers.Add("X-Own", value)),
            Assert.Throws<ArgumentException>(() => headers.Add("X-Own"u8, bytes)),
            Assert.Throws<ArgumentException>(() => headers.Set("X-Own", value)),
            Assert.Throws<ArgumentException>(() => headers.Set("X-Own"u8, bytes)),
        ];
        Assert.All(errors, error => Assert.Contains("\"X-Own\"", error.Message, StringComparison.Ordinal));
        ArgumentException[] known =
        [
            Assert.Throws<ArgumentException>(() => headers.Add(KnownHeader.Location, value)),
            Assert.Throws<ArgumentException>(() => headers.Add(KnownHeader.Location, bytes)),
            Assert.Throws<ArgumentException>(() => headers.Set(KnownHeader.Location, value)),
        ];
        Assert.All(known, error => Assert.Contains("\"Location\"", error.Message, StringComparison.Ordinal));
        Assert.Equal("", Wire(headers));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a:")]
    [InlineData("a\r\n")]
    [InlineData("a\n")]
    [InlineData("\0")]
    [InlineData("(a)")]
    public void A_name_that_is_no_token_is_refused(string name)
    {
        ResponseHeaders headers = new();
        Assert.Throws<ArgumentException>(() => headers.Add(name, "x"));
        Assert.Throws<ArgumentException>(() => headers.Add(Encoding.Latin1.GetBytes(name), "x"u8));
        Assert.Equal("", Wire(headers));
    }

    [Fact]
    public void Text_must_be_ascii_while_bytes_may_be_more()
    {
        ResponseHeaders headers = new();
        var error = Assert.Throws<ArgumentException>(() => headers.Add("X-Own", "na\u00efve"));
        Assert.Contains("\"X-Own\" holds U+00EF at index 2", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => headers.Add("n\u00e4me", "x"));
        Assert.Throws<ArgumentException>(() => headers.Add("X-Own", "\u010d"));
        headers.Add("X-Own"u8, "na\u00efve"u8);
        Assert.Equal(1, headers.Count);
    }

    [Theory]
    [InlineData("Content-Length", "5")]
    [InlineData("transfer-encoding", "chunked")]
    [InlineData("Connection", "close")]
    public void What_the_writer_writes_cannot_be_added(string name, string value)
    {
        ResponseHeaders headers = new();
        var error = Assert.Throws<ArgumentException>(() => headers.Add(name, value));
        Assert.Contains("ResponseHead", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => headers.Set(Encoding.ASCII.GetBytes(name), Encoding.ASCII.GetBytes(value)));
    }

    [Fact]
    public void A_header_without_a_name_is_refused()
    {
        ResponseHeaders headers = new();
        Assert.Throws<ArgumentException>(() => headers.Add(KnownHeader.None, "x"u8));
        Assert.Throws<ArgumentException>(() => headers.Add((KnownHeader)200, "x"u8));
    }

    private static string Wire(ResponseHeaders headers) => Encoding.Latin1.GetString(headers.Wire);
}
