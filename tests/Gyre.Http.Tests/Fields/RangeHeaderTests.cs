using System.Globalization;
using System.Text;
using CsCheck;
using Gyre.Http.Fields;

namespace Gyre.Http.Tests.Fields;

public sealed class RangeHeaderTests
{
    [Theory]
    [InlineData("bytes=0-4", 10, "0+5")]
    [InlineData("BYTES=0-4", 10, "0+5")]
    [InlineData("bytes=0-", 10, "0+10")]
    [InlineData("bytes=9-", 10, "9+1")]
    [InlineData("bytes=4-4", 10, "4+1")]
    [InlineData("bytes=5-100", 10, "5+5")]
    [InlineData("bytes=-3", 10, "7+3")]
    [InlineData("bytes=-30", 10, "0+10")]
    [InlineData("bytes=0-0,-1", 10, "0+1 9+1")]
    [InlineData("bytes=6-7,0-1", 10, "6+2 0+2")]
    [InlineData("bytes= 0-1 ,\t, 3-4 ,", 10, "0+2 3+2")]
    [InlineData("bytes=0-1,2-3", 10, "0+4")]
    [InlineData("bytes=0-5,3-8", 10, "0+9")]
    [InlineData("bytes=0-1,8-9,1-8", 10, "0+10")]
    [InlineData("bytes=4-5,0-1,5-6", 10, "4+3 0+2")]
    [InlineData("bytes=0-,0-,0-", 10, "0+10")]
    [InlineData("bytes=20-30,0-1", 10, "0+2")]
    [InlineData("bytes=00000000000000000000000000-1", 10, "0+2")]
    [InlineData("bytes=1-99999999999999999999999999", 10, "1+9")]
    [InlineData("bytes=-99999999999999999999999999", 10, "0+10")]
    [InlineData("bytes=9223372036854775806-9223372036854775807", long.MaxValue, "9223372036854775806+1")]
    [InlineData("bytes=10-", 10, "Unsatisfiable")]
    [InlineData("bytes=-0", 10, "Unsatisfiable")]
    [InlineData("bytes=99999999999999999999-", 10, "Unsatisfiable")]
    [InlineData("bytes=99999999999999999998-99999999999999999999", 10, "Unsatisfiable")]
    [InlineData("bytes=0-", 0, "Unsatisfiable")]
    [InlineData("bytes=-0", 0, "Unsatisfiable")]
    [InlineData("bytes=-1", 0, "Whole")]
    [InlineData("", 10, "Whole")]
    [InlineData("bytes", 10, "Whole")]
    [InlineData("bytes=", 10, "Whole")]
    [InlineData("bytes=,", 10, "Whole")]
    [InlineData("bytes =0-1", 10, "Whole")]
    [InlineData("items=0-1", 10, "Whole")]
    [InlineData("bytes=-", 10, "Whole")]
    [InlineData("bytes=5-4", 10, "Whole")]
    [InlineData("bytes=50-40", 10, "Whole")]
    [InlineData("bytes=99999999999999999999-99999999999999999998", 10, "Whole")]
    [InlineData("bytes=999999999999999999990-99999999999999999998", 10, "Whole")]
    [InlineData("bytes=0-1,x", 10, "Whole")]
    [InlineData("bytes=0-1;2-3", 10, "Whole")]
    [InlineData("bytes=0 -1", 10, "Whole")]
    [InlineData("bytes=0- 1", 10, "Whole")]
    [InlineData("bytes=--1", 10, "Whole")]
    [InlineData("bytes=+0-1", 10, "Whole")]
    [InlineData("bytes=0x0-1", 10, "Whole")]
    [InlineData("bytes=0-1-2", 10, "Whole")]
    [InlineData("bytes=0-1 2-3", 10, "Whole")]
    public void A_value_is_read(string value, long length, string expected) => Assert.Equal(expected, Read(value, length, 16));

    [Fact]
    public void More_parts_than_there_is_room_for_are_ignored_even_when_they_do_not_exist()
    {
        string sixteen = "bytes=" + string.Join(',', Enumerable.Range(0, 16).Select(i => $"{i * 2}-{i * 2}"));
        Assert.Equal(16, Read(sixteen, 100, 16).Split(' ').Length);
        Assert.Equal("Whole", Read(sixteen + ",90-", 100, 16));
        Assert.Equal("Whole", Read(sixteen + ",200-", 100, 16));
        Assert.Equal("Whole", Read("bytes=0-", 100, 0));
    }

    [Fact]
    public void Parts_are_what_a_bitmap_says_apart_from_each_other_and_within_the_file() =>
        Gen.Select(Gen.Int[0, 60], Gen.Select(Gen.Int[-1, 70], Gen.Int[-1, 70]).Array[1, 16]).Sample(
            (length, asked) =>
            {
                bool[] map = new bool[length];
                string value = "bytes=" + string.Join(',', asked.Select(part => Mark(map, part.Item1, part.Item2)));
                string read = Read(value, length, 16);
                if (!map.Contains(true))
                {
                    Assert.True(read == "Unsatisfiable" || (read == "Whole" && length == 0), value);
                    return;
                }

                bool[] got = new bool[length];
                foreach (string part in read.Split(' '))
                {
                    int[] numbers = [.. part.Split('+').Select(number => int.Parse(number, CultureInfo.InvariantCulture))];
                    int before = Math.Max(numbers[0] - 1, 0);
                    int after = Math.Min(numbers[0] + numbers[1] + 1, length);
                    Assert.DoesNotContain(true, got[before..after]);
                    got.AsSpan(numbers[0], numbers[1]).Fill(true);
                }

                Assert.Equal(map, got);
            },
            iter: 5000);

    [Fact]
    public void Noise_never_throws_and_parts_stay_within_the_file() =>
        Gen.Select(Gen.Char["0123456789-, \tx"].Array[0, 40], Gen.Long[0, long.MaxValue]).Sample(
            (noise, length) =>
            {
                ByteRange[] parts = new ByteRange[16];
                RangeHeader.Read(Encoding.ASCII.GetBytes("bytes=" + new string(noise)), length, parts, out int count);
                long left = length;
                foreach (ByteRange part in parts.AsSpan(0, count))
                {
                    Assert.True(part.Start >= 0 && part.Length > 0 && part.End > 0 && part.End <= length);
                    left -= part.Length;
                }

                Assert.True(left >= 0);
            },
            iter: 20_000);

    [Theory]
    [InlineData(0, 1, 1, "bytes 0-0/1")]
    [InlineData(5, 5, 10, "bytes 5-9/10")]
    [InlineData(1000000000000000000, 9000000000000000000 - 1000000000000000000, long.MaxValue,
        "bytes 1000000000000000000-8999999999999999999/9223372036854775807")]
    public void Content_range_is_written(long start, long partLength, long length, string expected)
    {
        byte[] bytes = new byte[RangeHeader.ContentRangeBytesMax];
        Assert.Equal(expected, Lines.Text(bytes.AsSpan(0, RangeHeader.WriteContentRange(new ByteRange(start, partLength), length, bytes))));
        Assert.Equal($"bytes */{length}", Lines.Text(bytes.AsSpan(0, RangeHeader.WriteUnsatisfied(length, bytes))));
    }

    private static string Read(string value, long length, int room)
    {
        ByteRange[] parts = new ByteRange[room];
        RangeOutcome outcome = RangeHeader.Read(Lines.Bytes(value), length, parts, out int count);
        Assert.Equal(outcome == RangeOutcome.Parts, count > 0);
        return count == 0 ? outcome.ToString() : string.Join(' ', parts.Take(count).Select(part => $"{part.Start}+{part.Length}"));
    }

    /// <summary>Marks what a part covers, and returns it as text; a negative number means that it is left out.</summary>
    private static string Mark(bool[] map, int first, int last)
    {
        if (first < 0)
        {
            last = Math.Max(last, 0);
            map.AsSpan(Math.Max(map.Length - last, 0)).Fill(true);
            return $"-{last}";
        }

        int end = last < 0 ? map.Length : Math.Min(Math.Max(first, last) + 1, map.Length);
        if (first < end)
        {
            map.AsSpan(first, end - first).Fill(true);
        }

        return last < 0 ? $"{first}-" : $"{first}-{Math.Max(first, last)}";
    }
}
