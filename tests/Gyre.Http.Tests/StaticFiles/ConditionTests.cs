using Gyre.Http.Tests.Server;

namespace Gyre.Http.Tests.StaticFiles;

/// <summary>Conditional requests in the order of RFC 9110 section 13.2.2; T is the file's tag, D its date.</summary>
public sealed class ConditionTests
{
    private const string Date = "Thu, 29 Feb 2024 12:30:15 GMT";
    private const string Before = "Thu, 29 Feb 2024 12:30:14 GMT";
    private const string After = "Fri, 01 Mar 2024 00:00:00 GMT";

    [Theory]
    [InlineData("If-None-Match: T", 304)]
    [InlineData("If-None-Match: W/T", 304)]
    [InlineData("If-None-Match: \"x\", T", 304)]
    [InlineData("If-None-Match: *", 304)]
    [InlineData("If-None-Match: \"x\"", 200)]
    [InlineData("If-None-Match: nonsense", 200)]
    [InlineData("If-Modified-Since: D", 304)]
    [InlineData("If-Modified-Since: After", 304)]
    [InlineData("If-Modified-Since: Before", 200)]
    [InlineData("If-Modified-Since: yesterday", 200)]
    [InlineData("If-None-Match: \"x\"|If-Modified-Since: After", 200)]
    [InlineData("If-None-Match: T|If-Modified-Since: Before", 304)]
    [InlineData("If-Match: T", 200)]
    [InlineData("If-Match: *", 200)]
    [InlineData("If-Match: W/T", 412)]
    [InlineData("If-Match: \"x\"", 412)]
    [InlineData("If-Match: \"x\"|If-None-Match: T", 412)]
    [InlineData("If-Match: T|If-None-Match: T", 304)]
    [InlineData("If-Unmodified-Since: D", 200)]
    [InlineData("If-Unmodified-Since: After", 200)]
    [InlineData("If-Unmodified-Since: Before", 412)]
    [InlineData("If-Match: T|If-Unmodified-Since: Before", 200)]
    [InlineData("If-Match: \"x\"|If-Unmodified-Since: After", 412)]
    [InlineData("Range: bytes=0-0", 206)]
    [InlineData("Range: bytes=0-0|If-Range: T", 206)]
    [InlineData("Range: bytes=0-0|If-Range: W/T", 200)]
    [InlineData("Range: bytes=0-0|If-Range: \"x\"", 200)]
    [InlineData("Range: bytes=0-0|If-Range: D", 206)]
    [InlineData("Range: bytes=0-0|If-Range: Before", 200)]
    [InlineData("Range: bytes=0-0|If-Range: After", 200)]
    [InlineData("Range: bytes=0-0|If-None-Match: T", 304)]
    [InlineData("Range: bytes=0-0|If-Match: \"x\"", 412)]
    [InlineData("Range: bytes=9999-|If-None-Match: T", 304)]
    public async Task A_condition_decides(string lines, int status)
    {
        using var site = new FileSite();
        site.Add("small.txt", FileSite.Numbers(100));
        site.Add("large.txt", FileSite.Numbers(100_000));
        await site.StartAsync();
        foreach (string name in (string[])["small.txt", "large.txt"])
        {
            // The small one is kept from the second time on.
            Answer first = await site.GetAsync($"/static/{name}");
            await site.GetAsync($"/static/{name}");
            string headers = (lines.Replace("|", "\r\n", StringComparison.Ordinal) + "\r\n").Replace("T\r", first["ETag"] + "\r", StringComparison.Ordinal)
                .Replace(": After", ": " + After, StringComparison.Ordinal).Replace(": Before", ": " + Before, StringComparison.Ordinal)
                .Replace(": D\r", ": " + Date + "\r", StringComparison.Ordinal);
            Answer answer = await site.GetAsync($"/static/{name}", headers);
            Assert.Equal(status, answer.Status);
            Verify(answer, first);

            // HEAD answers alike, but knows no ranges.
            Answer head = await site.HeadAsync($"/static/{name}", headers);
            Assert.Equal(status == 206 ? 200 : status, head.Status);
        }
    }

    private static void Verify(Answer answer, Answer first)
    {
        if (answer.Status is 412)
        {
            Assert.Null(answer["ETag"]);
            return;
        }

        Assert.Equal(first["ETag"], answer["ETag"]);
        Assert.Equal(Date, answer["Last-Modified"]);
        Assert.Equal("no-cache", answer["Cache-Control"]);
        Assert.Equal(answer.Status == 304, answer["Content-Type"] is null);
        Assert.Equal(answer.Status == 304, answer["Content-Length"] is null);
        Assert.Equal(answer.Status == 304 ? 0 : answer.Status == 206 ? 1 : first.Body.Length, answer.Body.Length);
    }

    [Fact]
    public async Task A_date_that_is_still_to_come_is_not_sent()
    {
        using var site = new FileSite();
        site.Add("future.txt", "later", new DateTime(2999, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        await site.StartAsync();
        Answer answer = await site.GetAsync("/static/future.txt", "If-Modified-Since: Fri, 01 Jan 2999 00:00:00 GMT\r\n");
        Assert.Equal(200, answer.Status);
        Assert.Null(answer["Last-Modified"]);
        Assert.NotNull(answer["ETag"]);
    }
}
