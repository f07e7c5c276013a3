using Gyre.Http.StaticFiles;
using Gyre.Http.Tests.Server;

namespace Gyre.Http.Tests.StaticFiles;

/// <summary>A handler that answers with a file.</summary>
public sealed class SendFileTests
{
    [Fact]
    public async Task A_handler_sends_a_file_with_conditions_and_ranges()
    {
        using var site = new FileSite();
        byte[] content = FileSite.Numbers(100_000);
        site.Add("reports/one.pdf", content);
        await site.StartAsync(server => server.Get("/{id}", context => context.Response.SendFileAsync(site.Root, $"reports/{context.Route["id"]}.pdf")));
        Answer answer = await site.GetAsync("/one");
        Assert.Equal(content, answer.Body);
        Assert.Equal("application/pdf", answer["Content-Type"]);
        Assert.Null(answer["Content-Disposition"]);
        Assert.Equal(content[5..10], (await site.GetAsync("/one", "Range: bytes=5-9\r\n")).Body);
        Assert.Equal(304, (await site.GetAsync("/one", $"If-None-Match: {answer["ETag"]}\r\n")).Status);
        Assert.Equal("100000", (await site.HeadAsync("/one"))["Content-Length"]);
        Assert.Equal(404, (await site.GetAsync("/two")).Status);
        Assert.Equal(404, (await site.GetAsync("/..%2f..%2fsecret")).Status);
    }

    [Theory]
    [InlineData("..")]
    [InlineData("../secret.txt")]
    [InlineData("/a.txt")]
    [InlineData("a.txt/")]
    [InlineData("dir")]
    [InlineData("")]
    [InlineData(".hidden")]
    [InlineData("a.txt\0")]
    public async Task What_is_not_given_out_is_404_without_a_download_name(string path)
    {
        using var site = new FileSite();
        site.Add("a.txt", "a");
        site.Add("dir/index.html", "index");
        site.Add(".hidden", "hidden");
        await site.StartAsync(server => server.Get("/", context => context.Response.SendFileAsync(site.Root, path, "name.txt")));
        Answer answer = await site.GetAsync("/");
        Assert.Equal(404, answer.Status);
        Assert.Null(answer["Content-Disposition"]);
    }

    [Fact]
    public async Task A_path_that_is_no_text_is_404()
    {
        using var site = new FileSite();
        site.Add("a\uFFFD.txt", "not this one");
        await site.StartAsync(server => server.Get("/", context => context.Response.SendFileAsync(site.Root, "a\ud800.txt")));
        Assert.Equal(404, (await site.GetAsync("/")).Status);
    }

    [Fact]
    public async Task A_page_for_an_error_is_sent_whole_with_its_status()
    {
        using var site = new FileSite();
        site.Add("404.html", "gone fishing");
        await site.StartAsync(server => server.Default(context =>
        {
            context.Response.StatusCode = 404;
            return context.Response.SendFileAsync(site.Root, "404.html");
        }));
        Answer answer = await site.GetAsync("/nowhere", "Range: bytes=0-0\r\nIf-None-Match: *\r\n");
        Assert.Equal(404, answer.Status);
        Assert.Equal("gone fishing", answer.Text);
        Assert.Equal("text/html; charset=utf-8", answer["Content-Type"]);
    }

    [Fact]
    public async Task A_type_that_was_set_stays()
    {
        using var site = new FileSite();
        site.Add("a.txt", "{}");
        await site.StartAsync(server => server.Get("/", context =>
        {
            context.Response.Headers.Set("Content-Type", "application/json");
            return context.Response.SendFileAsync(site.Root, "a.txt", "a.json");
        }));
        Answer answer = await site.GetAsync("/");
        Assert.Equal("application/json", answer["Content-Type"]);
        Assert.Equal("attachment; filename=\"a.json\"", answer["Content-Disposition"]);
    }

    [Theory]
    [InlineData("report.pdf", "attachment; filename=\"report.pdf\"")]
    [InlineData("two words.pdf", "attachment; filename=\"two words.pdf\"")]
    [InlineData("naïve.txt", "attachment; filename=\"na_ve.txt\"; filename*=UTF-8''na%C3%AFve.txt")]
    [InlineData("€ rates.txt", "attachment; filename=\"_ rates.txt\"; filename*=UTF-8''%E2%82%AC%20rates.txt")]
    [InlineData("😀", "attachment; filename=\"_\"; filename*=UTF-8''%F0%9F%98%80")]
    [InlineData("a\"b", "attachment; filename=\"a_b\"; filename*=UTF-8''a%22b")]
    [InlineData("100%41", "attachment; filename=\"100_41\"; filename*=UTF-8''100%2541")]
    [InlineData("../../etc/passwd", "attachment; filename=\".._.._etc_passwd\"")]
    [InlineData("a\\b", "attachment; filename=\"a_b\"")]
    [InlineData("a\r\nSet-Cookie: b", "attachment; filename=\"a__Set-Cookie: b\"")]
    public void A_download_name_is_made_safe(string name, string value) => Assert.Equal(value, ContentDisposition.Attachment(name));
}
