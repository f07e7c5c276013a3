using System.Text;
using CsCheck;
using Gyre.Http.Fields;

namespace Gyre.Http.Tests.Fields;

public sealed class MediaTypesTests
{
    [Theory]
    [InlineData("index.html", "text/html; charset=utf-8", true)]
    [InlineData("a/b.c/INDEX.HTML", "text/html; charset=utf-8", true)]
    [InlineData("app.mjs", "text/javascript; charset=utf-8", true)]
    [InlineData("app.js.map", "application/json", true)]
    [InlineData("x.webmanifest", "application/manifest+json", true)]
    [InlineData("x.svg", "image/svg+xml", true)]
    [InlineData("x.wasm", "application/wasm", true)]
    [InlineData("x.ttf", "font/ttf", true)]
    [InlineData("x.woff2", "font/woff2", false)]
    [InlineData("x.avif", "image/avif", false)]
    [InlineData("x.webp", "image/webp", false)]
    [InlineData("x.mp4", "video/mp4", false)]
    [InlineData("x.zip", "application/zip", false)]
    [InlineData(".css", "text/css; charset=utf-8", true)]
    [InlineData("x", "application/octet-stream", false)]
    [InlineData("x.", "application/octet-stream", false)]
    [InlineData("x.html/y", "application/octet-stream", false)]
    [InlineData("html", "application/octet-stream", false)]
    [InlineData("x.unheard", "application/octet-stream", false)]
    [InlineData("", "application/octet-stream", false)]
    public void A_file_has_a_type(string name, string type, bool isCompressible) =>
        Assert.Equal(new MediaType(type, isCompressible), MediaTypes.Default.Find(name));

    [Fact]
    public void Every_entry_is_a_content_type_and_text_says_its_charset()
    {
        Assert.InRange(MediaTypes.Default.Count, 100, 300);
        foreach ((string extension, string type) in MediaTypeTable.Entries)
        {
            Assert.True(ContentTypeReader.TryParse(Encoding.ASCII.GetBytes(type), out ContentTypeReader read), extension);
            Assert.Equal(type.StartsWith("text/", StringComparison.Ordinal), read.TryGetCharset(out _));
            Assert.Equal(type, MediaTypes.Default.Find("x." + extension).ContentType);
        }
    }

    [Fact]
    public void A_table_is_extended_without_changing_the_first()
    {
        MediaTypes table = MediaTypes.Default.With("gpx", "application/gpx+xml").With("HTML", "text/plain", isCompressible: false);
        Assert.Equal(new MediaType("application/gpx+xml", true), table.Find("a.gpx"));
        Assert.Equal(new MediaType("text/plain", false), table.Find("a.html"));
        Assert.Equal(MediaTypes.Unknown, MediaTypes.Default.Find("a.gpx"));
        Assert.Equal(MediaTypes.Default.Count + 1, table.Count);
    }

    [Theory]
    [InlineData("", "text/plain", "is no extension")]
    [InlineData(".a", "text/plain", "is no extension")]
    [InlineData("a/b", "text/plain", "is no extension")]
    [InlineData("a", "", "is no content type")]
    [InlineData("a", "text", "is no content type")]
    [InlineData("a", "text/plain\r\nX: y", "is no content type")]
    [InlineData("a", "text/pl\u00e4in", "is no content type")]
    public void A_bad_entry_is_refused(string extension, string type, string expected) =>
        Assert.Contains(
            expected, Assert.Throws<ArgumentException>(() => MediaTypes.Default.With(extension, type)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("TEXT/x; a=b", true)]
    [InlineData("text/event-stream", false)]
    [InlineData("application/problem+json ; charset=utf-8", true)]
    [InlineData("application/JSON", true)]
    [InlineData("image/png", false)]
    [InlineData("application/octet-stream", false)]
    [InlineData("", false)]
    public void What_compresses_is_known(string type, bool expected)
    {
        Assert.Equal(expected, MediaTypes.IsCompressible(type));
        Assert.Equal(expected, MediaTypes.IsCompressible(Encoding.ASCII.GetBytes(type)));
        Assert.False(MediaTypes.IsCompressible(Encoding.ASCII.GetBytes(new string('a', 300))));
    }
}
