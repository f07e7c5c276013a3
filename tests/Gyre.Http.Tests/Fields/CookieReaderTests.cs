using System.Text;
using CsCheck;
using Gyre.Http.Fields;
using Gyre.Http.Protocol;

namespace Gyre.Http.Tests.Fields;

public sealed class CookieReaderTests
{
    [Theory]
    [InlineData("a=b", "a=b")]
    [InlineData("a=b; c=d", "a=b|c=d")]
    [InlineData("a=b;c=d;", "a=b|c=d")]
    [InlineData(";; a=b ;\t; c=d", "a=b|c=d")]
    [InlineData("a=", "a=")]
    [InlineData("a=b=c==", "a=b=c==")]
    [InlineData("a=\"b\"", "a=b")]
    [InlineData("a=\"\"", "a=")]
    [InlineData("a=b, c=d", "a=b, c=d")]
    [InlineData("a=b c", "a=b c")]
    [InlineData("a=1; a=2; A=3", "a=1|a=2|A=3")]
    [InlineData("$Version=1; a=b; $Path=/", "$Version=1|a=b|$Path=/")]
    [InlineData("a", "")]
    [InlineData("=a", "")]
    [InlineData("a =b; c=d", "c=d")]
    [InlineData("a= b; c=d", "c=d")]
    [InlineData("a[0]=b; c=d", "c=d")]
    [InlineData("a=\"b; c=d", "c=d")]
    [InlineData("a=\"b;c=x\"; d=e", "d=e")]
    [InlineData("a=b\\c; c=d", "c=d")]
    [InlineData("a=\"b\"c\"; c=d", "c=d")]
    [InlineData("a={\"b\":1}; c=d", "c=d")]
    [InlineData("a=\u00e9; c=d", "c=d")]
    [InlineData("a=b\tc; c=d", "c=d")]
    [InlineData("", "")]
    public void Pairs_are_walked_and_invalid_ones_skipped(string line, string expected) =>
        Assert.Equal(expected, Walk(Lines.Of(("Cookie", line)), 100, out _));

    [Fact]
    public void Several_lines_follow_each_other()
    {
        FieldSection headers = Lines.Of(("Cookie", "a=b"), ("X", "y"), ("Cookie", ""), ("cookie", "c=d"));
        Assert.Equal("a=b|c=d", Walk(headers, 100, out _));
        Assert.Equal("", Walk(Lines.Of(), 100, out _));
    }

    [Fact]
    public void The_walk_stays_at_its_end()
    {
        CookieReader reader = new(Lines.Of(("Cookie", "a=b")));
        Assert.True(reader.MoveNext());
        Assert.False(reader.MoveNext());
        Assert.False(reader.MoveNext());
    }

    [Fact]
    public void Pairs_beyond_the_bound_are_not_seen_skipped_ones_count()
    {
        Assert.Equal("a=1|c=3", Walk(Lines.Of(("Cookie", "a=1; b; c=3; d=4")), 3, out bool isTruncated));
        Assert.True(isTruncated);
        Assert.Equal("a=1|c=3", Walk(Lines.Of(("Cookie", "a=1; b; c=3;;")), 3, out isTruncated));
        Assert.False(isTruncated);
    }

    [Fact]
    public void The_first_of_a_name_is_found_by_exact_case()
    {
        FieldSection headers = Lines.Of(("Cookie", "A=0; a=1; a=2"));
        Assert.True(CookieReader.TryFind(headers, "a"u8, out ReadOnlySpan<byte> value));
        Assert.Equal("1", Lines.Text(value));
        Assert.False(CookieReader.TryFind(headers, "b"u8, out _));
    }

    [Fact]
    public void What_was_written_is_read() =>
        Gen.Select(
            Gen.Char["!#$%&'*+-.^_`|~09AZaz"].Array[1, 10],
            Gen.Char['!', '~'].Where(c => c is not ('"' or ',' or ';' or '\\')).Array[0, 30]).Sample(
            (name, value) =>
            {
                ResponseHeaders response = new();
                CookieWriter.Append(response, new string(name), new string(value), CookieOptions.Default, isHttps: true);
                string line = Encoding.ASCII.GetString(response[0].Value);
                FieldSection request = Lines.Of(("Cookie", line.Split(';')[0]));
                Assert.Equal($"{new string(name)}={new string(value)}", Walk(request, 1, out _));
            });

    [Fact]
    public void Noise_never_throws() =>
        Gen.Char["a=;\" \t,\\\u00ff"].Array[0, 60].Sample(
            noise => Walk(Lines.Of(("Cookie", new string(noise)), ("Cookie", new string(noise))), 20, out _), iter: 5000);

    private static string Walk(FieldSection headers, int pairsMax, out bool isTruncated)
    {
        CookieReader reader = new(headers, pairsMax);
        List<string> seen = [];
        while (reader.MoveNext())
        {
            seen.Add($"{Lines.Text(reader.Name)}={Lines.Text(reader.Value)}");
        }

        isTruncated = reader.IsTruncated;
        return string.Join('|', seen);
    }
}
