using System.Text.RegularExpressions;
using Gyre.Http.Tests.Server;

namespace Gyre.Http.Tests.StaticFiles;

/// <summary>Pages of what is in a directory.</summary>
public sealed class ListingTests
{
    private static readonly StaticFileOptions s_listing = new() { ListsDirectories = true };

    [Fact]
    public async Task A_directory_is_listed_directories_first_and_sorted()
    {
        using var site = new FileSite();
        site.Add("dir/b.txt", "bb");
        site.Add("dir/a.txt", "a");
        site.Add("dir/sub/x.txt", "x");
        site.Add("dir/.hidden", "hidden");
        await site.StartAsync(s_listing);
        Answer answer = await site.GetAsync("/static/dir/");
        Assert.Equal(200, answer.Status);
        Assert.Equal("text/html; charset=utf-8", answer["Content-Type"]);
        Assert.Contains("default-src 'none'", answer["Content-Security-Policy"], StringComparison.Ordinal);
        Assert.Equal(["../", "./sub/", "./a.txt", "./b.txt"], Links(answer));
        Assert.Contains("<h1>/static/dir/</h1>", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", answer.Text, StringComparison.Ordinal);
        Assert.Equal($"{answer.Body.Length}", (await site.HeadAsync("/static/dir/"))["Content-Length"]);
        Assert.Equal("/static/dir/", (await site.GetAsync("/static/dir"))["Location"]);
        Assert.DoesNotContain("../", Links(await site.GetAsync("/static/")));
    }

    [Fact]
    public async Task Names_are_escaped_as_text_and_as_links()
    {
        string[] names = ["<script>alert(1)<", "a&b\"c'd", "javascript:alert(1)", "50%25 #?;.txt", "ä€😀.txt", " x\u202Ey"];
        using var site = new FileSite();
        foreach (string name in names)
        {
            site.Add($"<i>dir/{name}", name);
        }

        // No path leads to these.
        site.Add("<i>dir/\u0001", "");
        site.Add("<i>dir/back\\slash", "");
        await site.StartAsync(s_listing);
        Answer answer = await site.GetAsync("/static/%3Ci%3Edir/");
        Assert.DoesNotContain("<script", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("<i>", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("\u202E", answer.Text, StringComparison.Ordinal);
        string[] links = [.. Links(answer).Where(static link => link != "../")];
        Assert.Equal(names.Length, links.Length);
        Assert.All(links, static link => Assert.Matches(@"^\./[A-Za-z0-9%._~-]+$", link));

        // Each link leads to its file.
        string[] found = await Task.WhenAll(links.Select(
            async link => (await (await site.ConnectAsync()).AskAsync(FileSite.Request($"/static/%3Ci%3Edir/{link[2..]}"))).Text));
        Assert.Equal(names.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Only_so_many_names_are_looked_at()
    {
        using var site = new FileSite();
        foreach (int i in Enumerable.Range(0, 20))
        {
            site.Add($"f{i}", "");
        }

        await site.StartAsync(s_listing with { ListingNamesMax = 5 });
        Answer answer = await site.GetAsync("/static/");
        Assert.Equal(5, Links(answer).Length);
        Assert.Contains("There is more", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_index_file_goes_first_and_what_is_forbidden_is_not_named()
    {
        using var site = new FileSite();
        site.Add("with/index.html", "index");
        site.Add("without/a.txt", "a");
        File.CreateSymbolicLink(Path.Combine(site.RootPath, "without", "out.txt"), "../../secret.txt");
        await site.StartAsync(s_listing);
        Assert.Equal("index", (await site.GetAsync("/static/with/")).Text);
        Assert.Equal(["../", "./a.txt"], Links(await site.GetAsync("/static/without/")));
    }

    private static string[] Links(Answer answer) => [.. Regex.Matches(answer.Text, "href=\"([^\"]*)\"").Select(static match => match.Groups[1].Value)];
}
