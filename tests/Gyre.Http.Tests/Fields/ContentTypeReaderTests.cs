using CsCheck;
using Gyre.Http.Fields;

namespace Gyre.Http.Tests.Fields;

public sealed class ContentTypeReaderTests
{
    [Theory]
    [InlineData("text/html", "text/html")]
    [InlineData("Text/HTML;Charset=UTF-8", "Text/HTML charset=UTF-8")]
    [InlineData("text/html ; charset=\"utf-8\" ;", "text/html charset=utf-8")]
    [InlineData("text/html;;; a=b; charset=x", "text/html charset=x")]
    [InlineData("text/html; charset=a; charset=a", "text/html")]
    [InlineData("text/html; charset=\"a b\"", "text/html")]
    [InlineData("text/html; charset=\"a\\b\"", "text/html")]
    [InlineData("text/html; charset=\"\"", "text/html")]
    [InlineData("multipart/form-data; boundary=----WebKit", "multipart/form-data boundary=----WebKit")]
    [InlineData("multipart/form-data; boundary=\"a b:c=?\"", "multipart/form-data boundary=a b:c=?")]
    [InlineData("multipart/form-data; boundary=\"a \"", "multipart/form-data")]
    [InlineData("multipart/form-data; boundary=\"\"", "multipart/form-data")]
    [InlineData("multipart/form-data; boundary=a|b", "multipart/form-data")]
    [InlineData("multipart/form-data; boundary=a; BOUNDARY=b", "multipart/form-data")]
    [InlineData("", "none")]
    [InlineData("text", "none")]
    [InlineData("/html", "none")]
    [InlineData("text/", "none")]
    [InlineData("text /html", "none")]
    [InlineData("text/html/x", "none")]
    [InlineData("text/html x", "none")]
    [InlineData("text/html, text/plain", "none")]
    [InlineData("text/html; charset", "none")]
    [InlineData("text/html; charset=", "none")]
    [InlineData("text/html; charset = utf-8", "none")]
    [InlineData("text/html; charset=\"utf-8", "none")]
    [InlineData("text/html; =utf-8", "none")]
    public void A_value_is_read(string value, string expected) => Assert.Equal(expected, Read(value));

    [Fact]
    public void A_boundary_has_at_most_70_bytes()
    {
        Assert.EndsWith(new string('a', 70), Read("a/b; boundary=" + new string('a', 70)), StringComparison.Ordinal);
        Assert.Equal("a/b", Read("a/b; boundary=" + new string('a', 71)));
    }

    [Fact]
    public void A_type_is_compared_without_regard_to_case()
    {
        Assert.True(ContentTypeReader.TryParse("Multipart/Form-Data; boundary=x"u8, out ContentTypeReader read));
        Assert.True(read.Is("multipart"u8, "form-data"u8));
        Assert.False(read.Is("multipart"u8, "mixed"u8));
    }

    [Fact]
    public void Any_text_survives_being_quoted() =>
        Gen.Char["ab\"\\;,= \t\u00e9"].Array[0, 20].Sample(
            chars =>
            {
                string text = new(chars);
                string escaped = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
                string value = $"a/b; x=\"{escaped}\"; y=z";
                Assert.True(ContentTypeReader.TryParse(Lines.Bytes(value), out ContentTypeReader read));
                Assert.True(read.TryGetParameter("X"u8, out ReadOnlySpan<byte> quoted));
                byte[] bytes = new byte[quoted.Length];
                Assert.Equal(text, Lines.Text(bytes.AsSpan(0, QuotedString.Unquote(quoted, bytes))));
                Assert.True(read.TryGetParameter("y"u8, out ReadOnlySpan<byte> next));
                Assert.Equal("z", Lines.Text(next));
            });

    [Fact]
    public void Noise_never_throws() =>
        Gen.Char["a/;=\"\\ \t,charsetboundary\0\u0080"].Array[0, 40].Sample(noise => Read("a/b" + new string(noise)), iter: 20_000);

    private static string Read(string value)
    {
        if (!ContentTypeReader.TryParse(Lines.Bytes(value), out ContentTypeReader read))
        {
            return "none";
        }

        string text = $"{Lines.Text(read.Type)}/{Lines.Text(read.Subtype)}";
        text += read.TryGetCharset(out ReadOnlySpan<byte> charset) ? $" charset={Lines.Text(charset)}" : "";
        return text + (read.TryGetBoundary(out ReadOnlySpan<byte> boundary) ? $" boundary={Lines.Text(boundary)}" : "");
    }
}
