using System.Globalization;
using System.Text;
using CsCheck;
using Gyre.Http.Fields;

namespace Gyre.Http.Tests.Fields;

public sealed class QueryReaderTests
{
    [Theory]
    [InlineData("a=b", "a=b")]
    [InlineData("a=b&c=d", "a=b|c=d")]
    [InlineData("&&a=b&", "a=b")]
    [InlineData("a", "a=")]
    [InlineData("=", "=")]
    [InlineData("=b", "=b")]
    [InlineData("a=b=c", "a=b=c")]
    [InlineData("a+b=c+d", "a b=c d")]
    [InlineData("a%20b=%2B%26%3D", "a b=+&=")]
    [InlineData("a;b=c", "a;b=c")]
    [InlineData("a=%", "a=%")]
    [InlineData("a=%4", "a=%4")]
    [InlineData("a=%4g%41", "a=%4gA")]
    [InlineData("a=%%41", "a=%A")]
    [InlineData("a=%+1", "a=% 1")]
    [InlineData("a=%2541", "a=%41")]
    [InlineData("a=%aF%Af", "a=\ufffd\ufffd")]
    [InlineData("a=%c3%a9", "a=\u00e9")]
    [InlineData("a=%f0%9f%98%80", "a=\U0001F600")]
    [InlineData("a=%f0%9f%98", "a=\ufffd")]
    [InlineData("a=%00", "a=\0")]
    [InlineData("%ef%bb%bfa=b", "\ufeffa=b")]
    [InlineData("", "")]
    public void Pairs_are_walked_and_decoded(string text, string expected) => Assert.Equal(expected, Walk(text, 100, out _));

    [Fact]
    public void Pairs_beyond_the_bound_are_not_seen()
    {
        Assert.Equal("a=|b=", Walk("a&b&c", 2, out bool isTruncated));
        Assert.True(isTruncated);
        Assert.Equal("a=|b=", Walk("a&b&&", 2, out isTruncated));
        Assert.False(isTruncated);
    }

    [Fact]
    public void The_first_of_a_name_is_found()
    {
        Assert.Equal("1", QueryReader.FindFirst("x=0&%61+b=1&a+b=2"u8, "a b"u8));
        Assert.Equal("", QueryReader.FindFirst("x"u8, "x"u8));
        Assert.Null(QueryReader.FindFirst("xy=1&%78"u8, "xyz"u8));
        Assert.Equal(new string('a', 2000), QueryReader.FindFirst(Encoding.ASCII.GetBytes("x=" + new string('a', 2000)), "x"u8));
    }

    [Fact]
    public void Any_bytes_survive_being_encoded() =>
        Gen.Select(Gen.Byte.Array[0, 20], Gen.Byte.Array[0, 20], Gen.Bool).Sample(
            (name, value, isLowerCase) =>
            {
                string text = Encode(name, isLowerCase) + "=" + Encode(value, !isLowerCase);
                QueryReader reader = new(Encoding.ASCII.GetBytes(text));
                Assert.True(reader.MoveNext());
                Assert.True(QueryReader.IsDecoded(reader.Name, name));
                byte[] decoded = new byte[reader.Value.Length];
                Assert.Equal(value, decoded.AsSpan(0, QueryReader.Decode(reader.Value, decoded)).ToArray());
                Assert.False(reader.MoveNext());
            });

    [Fact]
    public void Comparing_agrees_with_decoding_whatever_the_bytes() =>
        Gen.Select(Gen.Char["%4a1+=&"].Array[0, 12], Gen.Char["%4a1+ JA"].Array[0, 6]).Sample(
            (encoded, other) =>
            {
                byte[] bytes = Lines.Bytes(new string(encoded));
                byte[] decoded = new byte[bytes.Length];
                Span<byte> result = decoded.AsSpan(0, QueryReader.Decode(bytes, decoded));
                Assert.True(QueryReader.IsDecoded(bytes, result));
                byte[] others = Lines.Bytes(new string(other));
                Assert.Equal(result.SequenceEqual(others), QueryReader.IsDecoded(bytes, others));
            },
            iter: 20_000);

    private static string Encode(byte[] bytes, bool isLowerCase) =>
        string.Concat(bytes.Select(b => b.ToString(isLowerCase ? "x2" : "X2", CultureInfo.InvariantCulture)).Select(hex => "%" + hex));

    private static string Walk(string text, int pairsMax, out bool isTruncated)
    {
        QueryReader reader = new(Encoding.ASCII.GetBytes(text), pairsMax);
        List<string> seen = [];
        while (reader.MoveNext())
        {
            seen.Add($"{QueryReader.DecodeToString(reader.Name)}={QueryReader.DecodeToString(reader.Value)}");
        }

        isTruncated = reader.IsTruncated;
        return string.Join('|', seen);
    }
}
