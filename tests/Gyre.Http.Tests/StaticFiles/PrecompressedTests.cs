using Gyre.Files;
using Gyre.Http.Fields;
using Gyre.Http.StaticFiles;
using Gyre.Http.Tests.Server;

namespace Gyre.Http.Tests.StaticFiles;

/// <summary>Siblings that were compressed beforehand.</summary>
public sealed class PrecompressedTests
{
    private const string Plain = "the plain content, which is the longest of them all";

    [Theory]
    [InlineData("gzip", "gzip")]
    [InlineData("br", "br")]
    [InlineData("zstd", "zstd")]
    [InlineData("gzip, deflate, br, zstd", "br")]
    [InlineData("gzip;q=1, br;q=0.5", "gzip")]
    [InlineData("*", "br")]
    [InlineData("br;q=0, *", "zstd")]
    [InlineData("deflate", null)]
    [InlineData("identity", null)]
    [InlineData("gzip;q=0", null)]
    [InlineData("identity;q=0", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public async Task The_client_chooses(string? accepts, string? coding)
    {
        using FileSite site = await StartAsync();
        foreach (int _ in Enumerable.Range(0, 4))
        {
            Answer answer = await site.GetAsync("/static/app.js", accepts is null ? "" : $"Accept-Encoding: {accepts}\r\n");
            Assert.Equal(200, answer.Status);
            Assert.Equal(coding ?? Plain, answer.Text);
            Assert.Equal(coding, answer["Content-Encoding"]);
            Assert.Equal("text/javascript; charset=utf-8", answer["Content-Type"]);
            Assert.Equal("Accept-Encoding", answer["Vary"]);
        }
    }

    [Fact]
    public void A_sibling_that_two_requests_found_changed_never_stands_for_the_file_itself()
    {
        var changed = new FileStat(IsDirectory: false, 5, FileSite.LongAgo.AddDays(1), Identity: 2);
        var identity = new FileVariant("app.js"u8.ToArray(), changed with { Length = 50, Identity = 1 }, ContentCoding.Identity, DateTimeOffset.UtcNow);
        var sibling = new FileVariant("app.js.br"u8.ToArray(), changed with { Length = 4 }, ContentCoding.Brotli, DateTimeOffset.UtcNow);
        var record = new FileRecord("app.js"u8.ToArray(), identity, [sibling], "text/javascript"u8.ToArray(), cacheControl: null);

        // Both looked it up before either had opened it, as they may when look-ups are made off the loop.
        record.Replace(sibling, changed, DateTimeOffset.UtcNow);
        record.Replace(sibling, changed, DateTimeOffset.UtcNow);

        Assert.Same(identity, record.Identity);
    }

    [Fact]
    public async Task Each_representation_has_its_own_tag_and_its_own_ranges()
    {
        using FileSite site = await StartAsync();
        string?[] tags = await Task.WhenAll(((string[])["identity", "gzip", "br", "zstd"]).Select(
            async coding => (await (await site.ConnectAsync()).AskAsync(FileSite.Request("/static/app.js", $"Accept-Encoding: {coding}\r\n")))["ETag"]));
        Assert.Equal(4, tags.Distinct().Count());
        Assert.EndsWith("-gzip\"", tags[1], StringComparison.Ordinal);

        Answer part = await site.GetAsync("/static/app.js", "Accept-Encoding: gzip\r\nRange: bytes=1-2\r\n");
        Assert.Equal("zi", part.Text);
        Assert.Equal("bytes 1-2/4", part["Content-Range"]);
        Assert.Equal("gzip", part["Content-Encoding"]);

        Answer same = await site.GetAsync("/static/app.js", $"Accept-Encoding: gzip\r\nIf-None-Match: {tags[1]}\r\n");
        Assert.Equal(304, same.Status);
        Assert.Equal("Accept-Encoding", same["Vary"]);
        Assert.Null(same["Content-Encoding"]);
        Assert.Equal(200, (await site.GetAsync("/static/app.js", $"Accept-Encoding: br\r\nIf-None-Match: {tags[1]}\r\n")).Status);
    }

    [Fact]
    public async Task A_date_doesnt_tell_them_apart_so_no_part_is_sent_for_it()
    {
        using FileSite site = await StartAsync();
        Answer whole = await site.GetAsync("/static/app.js");
        string date = whole["Last-Modified"]!;

        Assert.Equal(200, (await site.GetAsync("/static/app.js", $"Accept-Encoding: gzip\r\nRange: bytes=1-2\r\nIf-Range: {date}\r\n")).Status);
        Assert.Equal(206, (await site.GetAsync("/static/app.js", $"Range: bytes=1-2\r\nIf-Range: {whole["ETag"]}\r\n")).Status);
    }

    [Fact]
    public async Task A_sibling_that_is_older_or_no_smaller_or_hidden_behind_another_type_is_not_used()
    {
        using var site = new FileSite();
        site.Add("old.js", Plain);
        site.Add("old.js.gz", "gzip", FileSite.LongAgo.AddSeconds(-2));
        site.Add("large.js", "short");
        site.Add("large.js.gz", "no shorter");
        site.Add("photo.jpg", Plain);
        site.Add("photo.jpg.gz", "gzip");
        Directory.CreateDirectory(Path.Combine(site.RootPath, "dir.js.gz"));
        site.Add("dir.js", Plain);
        await site.StartAsync();
        foreach (string name in (string[])["old.js", "large.js", "photo.jpg", "dir.js"])
        {
            Answer answer = await site.GetAsync($"/static/{name}", "Accept-Encoding: gzip\r\n");
            Assert.Null(answer["Content-Encoding"]);
            Assert.Null(answer["Vary"]);
        }

        Answer itself = await site.GetAsync("/static/photo.jpg.gz");
        Assert.Equal("application/gzip", itself["Content-Type"]);
        Assert.Null(itself["Content-Encoding"]);
    }

    [Fact]
    public async Task They_can_be_switched_off_and_serve_an_index_too()
    {
        using var site = new FileSite();
        site.Add("index.html", Plain);
        site.Add("index.html.gz", "gzip");
        await site.StartAsync(server =>
        {
            server.Files("/off", site.Root, new StaticFileOptions { ServesPrecompressed = false });
            server.Files("/on", site.Root);
        });
        Answer off = await site.GetAsync("/off/", "Accept-Encoding: gzip\r\n");
        Assert.Equal(Plain, off.Text);
        Assert.Null(off["Vary"]);
        Answer on = await site.GetAsync("/on/", "Accept-Encoding: gzip\r\n");
        Assert.Equal("gzip", on.Text);
        Assert.Equal("text/html; charset=utf-8", on["Content-Type"]);
    }

    [Fact]
    public async Task A_sibling_that_went_away_is_replaced_by_the_file()
    {
        using FileSite site = await StartAsync(new StaticFileOptions { CacheCheckInterval = TimeSpan.FromHours(1), CachedFileBytesMax = 0 });
        Assert.Equal("gzip", (await site.GetAsync("/static/app.js", "Accept-Encoding: gzip\r\n")).Text);
        File.Delete(Path.Combine(site.RootPath, "app.js.gz"));
        Answer answer = await site.GetAsync("/static/app.js", "Accept-Encoding: gzip\r\n");
        Assert.Equal(Plain, answer.Text);
        Assert.Null(answer["Content-Encoding"]);
    }

    private static async Task<FileSite> StartAsync(StaticFileOptions? options = null)
    {
        var site = new FileSite();
        site.Add("app.js", Plain);
        site.Add("app.js.gz", "gzip");
        site.Add("app.js.br", "br");
        site.Add("app.js.zst", "zstd");
        await site.StartAsync(options);
        return site;
    }
}
