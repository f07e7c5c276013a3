using System.Globalization;
using System.Text;
using CsCheck;
using Gyre.Http.Tests.Server;

namespace Gyre.Http.Tests.StaticFiles;

/// <summary>Ranges, of a file that is kept and of one that the kernel sends.</summary>
public sealed class RangeTests
{
    private const int SmallLength = 1000;
    private const int LargeLength = 100_000;

    [Theory]
    [InlineData("0-0", 0, 1)]
    [InlineData("0-", 0, SmallLength)]
    [InlineData("1-1", 1, 1)]
    [InlineData("999-999", 999, 1)]
    [InlineData("999-5000", 999, 1)]
    [InlineData("990-99999999999999999999999", 990, 10)]
    [InlineData("-1", 999, 1)]
    [InlineData("-1000", 0, SmallLength)]
    [InlineData("-5000", 0, SmallLength)]
    [InlineData("0-99,50-149", 0, 150)]
    [InlineData("0-99,100-149", 0, 150)]
    [InlineData("5-9,2000-3000", 5, 5)]
    [InlineData("2000-,-1", 999, 1)]
    public async Task One_part_is_sent_as_it_is(string range, int start, int length)
    {
        using FileSite site = await StartAsync();
        Answer answer = await site.GetAsync("/static/small.bin", $"Range: bytes={range}\r\n");
        Assert.Equal(206, answer.Status);
        Assert.Equal($"bytes {start}-{start + length - 1}/{SmallLength}", answer["Content-Range"]);
        Assert.Equal($"{length}", answer["Content-Length"]);
        Assert.Equal("application/octet-stream", answer["Content-Type"]);
        Assert.Equal(FileSite.Numbers(SmallLength)[start..(start + length)], answer.Body);
    }

    [Theory]
    [InlineData("bytes=1000-")]
    [InlineData("bytes=1000-1000,5000-")]
    [InlineData("bytes=-0")]
    [InlineData("bytes=99999999999999999999999-")]
    public async Task What_does_not_exist_is_416(string range)
    {
        using FileSite site = await StartAsync();
        Answer answer = await site.GetAsync("/static/small.bin", $"Range: {range}\r\n");
        Assert.Equal(416, answer.Status);
        Assert.Equal($"bytes */{SmallLength}", answer["Content-Range"]);
        Assert.Null(answer["ETag"]);
        Assert.Equal(200, (await site.GetAsync("/static/small.bin")).Status);
    }

    [Theory]
    [InlineData("bytes=9-5")]
    [InlineData("bytes=a-b")]
    [InlineData("bytes=+1-2")]
    [InlineData("bytes=0x1-2")]
    [InlineData("bytes=-")]
    [InlineData("bytes")]
    [InlineData("bytes=0-0;1-1")]
    [InlineData("lines=0-0")]
    [InlineData("bytes=0-0\r\nRange: bytes=1-1")]
    public async Task What_is_not_understood_is_ignored(string range)
    {
        using FileSite site = await StartAsync();
        Answer answer = await site.GetAsync("/static/small.bin", $"Range: {range}\r\n");
        Assert.Equal(200, answer.Status);
        Assert.Equal(SmallLength, answer.Body.Length);
        Assert.Null(answer["Content-Range"]);
    }

    [Theory]
    [InlineData(16, 206)]
    [InlineData(17, 200)]
    [InlineData(1000, 200)]
    public async Task More_ranges_than_the_limit_get_the_whole(int count, int status)
    {
        using FileSite site = await StartAsync();
        string ranges = string.Join(',', Enumerable.Range(0, count).Select(static i => $"{i * 3}-{i * 3}"));
        Answer answer = await site.GetAsync("/static/large.bin", $"Range: bytes={ranges}\r\n");
        Assert.Equal(status, answer.Status);
        Assert.True(answer.Body.Length <= LargeLength, $"{answer.Body.Length} bytes were sent of {LargeLength}.");
    }

    [Fact]
    public async Task Ranges_can_be_switched_off()
    {
        using var site = new FileSite();
        site.Add("a.bin", FileSite.Numbers(10));
        await site.StartAsync(new StaticFileOptions { RangesMax = 0 });
        Answer answer = await site.GetAsync("/static/a.bin", "Range: bytes=0-0\r\n");
        Assert.Equal(200, answer.Status);
        Assert.Null(answer["Accept-Ranges"]);
    }

    [Fact]
    public async Task An_empty_file_has_no_ranges()
    {
        using var site = new FileSite();
        site.Add("empty.bin", []);
        await site.StartAsync();
        Assert.Equal(416, (await site.GetAsync("/static/empty.bin", "Range: bytes=0-0\r\n")).Status);
        Assert.Equal(200, (await site.GetAsync("/static/empty.bin", "Range: bytes=-5\r\n")).Status);
    }

    [Theory]
    [InlineData("small.bin")]
    [InlineData("large.bin")]
    public async Task Several_parts_come_in_a_frame(string name)
    {
        using FileSite site = await StartAsync();
        Answer answer = await site.GetAsync($"/static/{name}", "Range: bytes=900-909, 0-4, -3\r\n");
        Assert.Equal(206, answer.Status);
        Assert.Null(answer["Content-Range"]);
        int length = name == "small.bin" ? SmallLength : LargeLength;
        Assert.Equal([(900, 10), (0, 5), (length - 3, 3)], Parts(answer, FileSite.Numbers(length)));

        // The next one has another boundary, which nobody can know who writes files.
        Answer again = await site.GetAsync($"/static/{name}", "Range: bytes=900-909, 0-4\r\n");
        Assert.NotEqual(answer["Content-Type"], again["Content-Type"]);
    }

    [Fact]
    public async Task Whatever_is_asked_for_the_bytes_are_the_files()
    {
        using FileSite site = await StartAsync();
        byte[] small = FileSite.Numbers(SmallLength);
        byte[] large = FileSite.Numbers(LargeLength);
        Gen<string> range = Gen.OneOf(
            Gen.Select(Gen.Int[0, 120_000], Gen.Int[0, 30_000], static (start, more) => $"{start}-{start + more}"),
            Gen.Select(Gen.Int[0, 1200], Gen.Int[0, 300], static (start, more) => $"{start}-{start + more}"),
            Gen.Int[0, 1200].Select(static start => $"{start}-"),
            Gen.Int[1, 120_000].Select(static count => $"-{count}"));
        await Gen.Select(range.List[1, 8], Gen.Bool).SampleAsync(
            async (ranges, isLarge) =>
            {
                byte[] file = isLarge ? large : small;
                Answer answer = await site.GetAsync(
                    isLarge ? "/static/large.bin" : "/static/small.bin", $"Range: bytes={string.Join(", ", ranges)}\r\n");
                bool[] wanted = Wanted(ranges, file.Length);
                if (!wanted.Contains(true))
                {
                    Assert.Equal(416, answer.Status);
                    return;
                }

                Assert.Equal(206, answer.Status);
                bool[] sent = new bool[file.Length];
                foreach ((int start, int length) in Parts(answer, file))
                {
                    Assert.False(sent.AsSpan(start, length).Contains(true), "A byte was sent twice.");
                    sent.AsSpan(start, length).Fill(true);
                }

                Assert.Equal(wanted, sent);
            },
            iter: 200,
            threads: 1);
    }

    private static async Task<FileSite> StartAsync()
    {
        var site = new FileSite();
        site.Add("small.bin", FileSite.Numbers(SmallLength));
        site.Add("large.bin", FileSite.Numbers(LargeLength));
        await site.StartAsync();

        // So that the small one is kept.
        await site.GetAsync("/static/small.bin");
        await site.GetAsync("/static/small.bin");
        return site;
    }

    private static bool[] Wanted(IEnumerable<string> ranges, int length)
    {
        bool[] wanted = new bool[length];
        foreach (string[] ends in ranges.Select(static range => range.Split('-')))
        {
            int start = ends[0].Length == 0
                ? Math.Max(0, length - int.Parse(ends[1], CultureInfo.InvariantCulture))
                : Math.Min(length, int.Parse(ends[0], CultureInfo.InvariantCulture));
            int end = ends[0].Length == 0 || ends[1].Length == 0 ? length : Math.Min(length, int.Parse(ends[1], CultureInfo.InvariantCulture) + 1);
            wanted.AsSpan(start, Math.Max(0, end - start)).Fill(true);
        }

        return wanted;
    }

    /// <summary>Reads a 206 strictly, and verifies the bytes of each part against the file's.</summary>
    private static List<(int Start, int Length)> Parts(Answer answer, byte[] file)
    {
        if (answer["Content-Range"] is { } only)
        {
            return [Part(only, answer.Body, file)];
        }

        const string Type = "multipart/byteranges; boundary=";
        Assert.StartsWith(Type, answer["Content-Type"], StringComparison.Ordinal);
        string boundary = answer["Content-Type"]![Type.Length..];
        string[] pieces = Encoding.Latin1.GetString(answer.Body).Split("--" + boundary);
        Assert.Equal("", pieces[0]);
        Assert.Equal("--\r\n", pieces[^1]);
        var parts = new List<(int, int)>();
        foreach (string piece in pieces[1..^1])
        {
            int end = piece.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            string[] lines = piece[..end].Split("\r\n");
            Assert.Equal(["", "Content-Type: application/octet-stream"], lines[..2]);
            Assert.StartsWith("Content-Range: ", lines[2], StringComparison.Ordinal);
            Assert.EndsWith("\r\n", piece, StringComparison.Ordinal);
            parts.Add(Part(lines[2]["Content-Range: ".Length..], Encoding.Latin1.GetBytes(piece[(end + 4)..^2]), file));
        }

        return parts;
    }

    private static (int Start, int Length) Part(string range, byte[] body, byte[] file)
    {
        string[] numbers = range["bytes ".Length..].Split('-', '/');
        int start = int.Parse(numbers[0], CultureInfo.InvariantCulture);
        Assert.Equal($"bytes {start}-{start + body.Length - 1}/{file.Length}", range);
        Assert.Equal(file[start..(start + body.Length)], body);
        return (start, body.Length);
    }
}
