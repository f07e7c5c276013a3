using CsCheck;
using Gyre.Http.Fields;

namespace Gyre.Http.Tests.Fields;

public sealed class AcceptEncodingTests
{
    [Theory]
    [InlineData("gzip", "Gzip")]
    [InlineData("GZIP", "Gzip")]
    [InlineData("x-gzip", "Gzip")]
    [InlineData("gzip, deflate, br, zstd", "Brotli")]
    [InlineData("gzip, br;q=0.9", "Gzip")]
    [InlineData("gzip ; q=0.5 , br;\tQ=0.501", "Brotli")]
    [InlineData("zstd, gzip", "Zstandard")]
    [InlineData("*", "Brotli")]
    [InlineData("*;q=0.5, gzip;q=0.4", "Brotli")]
    [InlineData("br;q=0, *", "Zstandard")]
    [InlineData("identity", "Identity")]
    [InlineData("identity, gzip;q=0.5", "Identity")]
    [InlineData("identity, gzip", "Gzip")]
    [InlineData("identity;q=0.5, gzip;q=0.2", "Identity")]
    [InlineData("gzip;q=0.001", "Gzip")]
    [InlineData("gzip;q=0", "Identity")]
    [InlineData("gzip;q=0.000", "Identity")]
    [InlineData("deflate", "Identity")]
    [InlineData("", "Identity")]
    [InlineData(", ,", "Identity")]
    [InlineData("identity;q=0", "NotAcceptable")]
    [InlineData("identity;q=0, gzip", "Gzip")]
    [InlineData("*;q=0", "NotAcceptable")]
    [InlineData("*;q=0, identity", "Identity")]
    [InlineData("*;q=0, gzip;q=0.1", "Gzip")]
    [InlineData("gzip;q=0, gzip", "Identity")]
    [InlineData("gzip;q=1.000", "Gzip")]
    [InlineData("gzip;q=1.001", "Identity")]
    [InlineData("gzip;q=2", "Identity")]
    [InlineData("gzip;q=", "Identity")]
    [InlineData("gzip;q=.5", "Identity")]
    [InlineData("gzip;q=0.1234", "Identity")]
    [InlineData("gzip;q=-1", "Identity")]
    [InlineData("gzip;q=\"1\"", "Identity")]
    [InlineData("gzip;q = 1", "Identity")]
    [InlineData("gzip;level=9", "Identity")]
    [InlineData("gzip br", "Identity")]
    [InlineData("gzip, \"br", "Identity")]
    [InlineData("gzip, b/r", "Identity")]
    public void The_heaviest_offered_coding_is_chosen(string value, string expected) =>
        Assert.Equal(expected, Negotiate(("Accept-Encoding", value)));

    [Fact]
    public void Without_the_header_it_is_identity() => Assert.Equal("Identity", Negotiate());

    [Fact]
    public void Several_lines_are_one_list()
    {
        Assert.Equal("Gzip", Negotiate(("Accept-Encoding", "br;q=0.5"), ("Accept-Encoding", "gzip")));
        Assert.Equal("Identity", Negotiate(("Accept-Encoding", "br"), ("Accept-Encoding", "gzip;q=x")));
    }

    [Fact]
    public void Only_what_is_offered_is_chosen()
    {
        ContentCoding[] offered = [ContentCoding.Gzip];
        Assert.Equal(ContentCoding.Gzip, AcceptEncoding.Negotiate(Lines.Of(("Accept-Encoding", "br, gzip;q=0.1")), offered));
        Assert.Equal(ContentCoding.Identity, AcceptEncoding.Negotiate(Lines.Of(("Accept-Encoding", "br")), offered));
        Assert.Equal(ContentCoding.NotAcceptable, AcceptEncoding.Negotiate(Lines.Of(("Accept-Encoding", "br, identity;q=0")), []));
    }

    [Fact]
    public void Names_are_those_of_the_registry()
    {
        Assert.Equal("gzip", Lines.Text(AcceptEncoding.Name(ContentCoding.Gzip)));
        Assert.Equal("br", Lines.Text(AcceptEncoding.Name(ContentCoding.Brotli)));
        Assert.Equal("zstd", Lines.Text(AcceptEncoding.Name(ContentCoding.Zstandard)));
        Assert.Equal("", Lines.Text(AcceptEncoding.Name(ContentCoding.Identity)));
    }

    [Theory]
    [InlineData("text/html, application/xhtml+xml;q=0.9;x=1, */*;q=0.8", "text/html[]1000 application/xhtml+xml[]900 */*[]800")]
    [InlineData("text/html;level=\"1,;q=0\";charset=x ;q=0.7", "text/html[;level=\"1,;q=0\";charset=x]700")]
    [InlineData("a;;b=c;", "a[;;b=c;]1000")]
    [InlineData("en-GB,en ;q=0.5,,", "en-GB[]1000 en[]500")]
    [InlineData("a, b;q=x, c", "a[]1000 malformed")]
    [InlineData("a, b;x, c", "a[]1000 malformed")]
    [InlineData("a, ;q=1", "a[]1000 malformed")]
    [InlineData("a;x=\"\\\"\", b", "a[;x=\"\\\"\"]1000 b[]1000")]
    [InlineData("a;x=\"b\"c", "malformed")]
    [InlineData("a\"b\"", "malformed")]
    [InlineData("\"", "malformed")]
    [InlineData("", "")]
    public void A_list_with_weights_is_walked(string value, string expected) => Assert.Equal(expected, Walk(value));

    [Fact]
    public void Noise_never_throws_and_the_walk_ends() =>
        Gen.Char["a;q=01.,\"\\ \t*/\u0080"].Array[0, 60].Sample(
            noise =>
            {
                string text = new(noise);
                Assert.True(Walk(text).Split("]").Length <= text.Count(c => c == ',') + 2);
            },
            iter: 20_000);

    private static string Negotiate(params (string, string)[] lines) =>
        AcceptEncoding.Negotiate(Lines.Of(lines), [ContentCoding.Brotli, ContentCoding.Zstandard, ContentCoding.Gzip]).ToString();

    private static string Walk(string value)
    {
        QualityList list = new(Lines.Bytes(value));
        List<string> seen = [];
        while (list.MoveNext())
        {
            seen.Add($"{Lines.Text(list.Value)}[{Lines.Text(list.Parameters)}]{list.Quality}");
        }

        return string.Join(' ', list.IsMalformed ? [.. seen, "malformed"] : seen);
    }
}
