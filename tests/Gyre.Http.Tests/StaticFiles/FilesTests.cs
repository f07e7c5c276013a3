using Gyre.Http.Tests.Server;

namespace Gyre.Http.Tests.StaticFiles;

/// <summary>What is served under a prefix, and what isn't.</summary>
public sealed class FilesTests
{
    [Theory]
    [InlineData("page.html", "text/html; charset=utf-8")]
    [InlineData("photo.JPG", "image/jpeg")]
    [InlineData("module.wasm", "application/wasm")]
    [InlineData("README", "application/octet-stream")]
    [InlineData("x.unheard-of", "application/octet-stream")]
    public async Task A_file_comes_with_its_type_and_validators(string name, string contentType)
    {
        using var site = new FileSite();
        site.Add(name, "some content");
        await site.StartAsync();
        foreach (int _ in Enumerable.Range(0, 4))
        {
            // Looked up, kept, and twice from memory.
            Answer answer = await site.GetAsync($"/static/{name}");
            Assert.Equal(200, answer.Status);
            Assert.Equal("some content", answer.Text);
            Assert.Equal(contentType, answer["Content-Type"]);
            Assert.Equal("Thu, 29 Feb 2024 12:30:15 GMT", answer["Last-Modified"]);
            Assert.Matches("^\"[0-9a-f-]+\"$", answer["ETag"]);
            Assert.Equal("bytes", answer["Accept-Ranges"]);
            Assert.Equal("no-cache", answer["Cache-Control"]);
            Assert.Null(answer["Vary"]);
            Assert.Null(answer["Content-Encoding"]);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4096)]
    [InlineData(4097)]
    [InlineData(16384)]
    [InlineData(16385)]
    [InlineData(262144)]
    [InlineData(262145)]
    [InlineData(1_500_000)]
    public async Task Every_length_arrives_whole_and_the_connection_goes_on(int length)
    {
        using var site = new FileSite();
        byte[] content = FileSite.Numbers(length);
        site.Add("data.bin", content);
        await site.StartAsync();
        foreach (int _ in Enumerable.Range(0, 4))
        {
            Answer head = await site.HeadAsync("/static/data.bin");
            Assert.Equal($"{length}", head["Content-Length"]);
            Answer answer = await site.GetAsync("/static/data.bin");
            Assert.Equal(content, answer.Body);
            Assert.Equal(head["ETag"], answer["ETag"]);
        }
    }

    [Theory]
    [InlineData("POST")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    [InlineData("BREW")]
    public async Task Other_methods_are_told_what_is_allowed(string method)
    {
        using var site = new FileSite();
        site.Add("a.txt", "a");
        await site.StartAsync();
        Answer answer = await site.Peer.AskAsync(FileSite.Request("/static/a.txt", "Content-Length: 0\r\n", method));
        Assert.Equal(405, answer.Status);
        Assert.Equal("GET, HEAD, OPTIONS", answer["Allow"]);
    }

    [Theory]
    [InlineData("/static/missing.txt")]
    [InlineData("/static/a.txt/")]
    [InlineData("/static/a.txt/b")]
    [InlineData("/static/bare")]
    [InlineData("/static/bare/")]
    [InlineData("/static/.hidden")]
    [InlineData("/static/.git/config")]
    [InlineData("/static/dir/.hidden/index.html")]
    [InlineData("/static/pipe")]
    [InlineData("/static/unreadable.txt")]
    [InlineData("/static/A.TXT")]
    [InlineData("/static//a.txt")]
    [InlineData("/static/dir//index.html")]
    [InlineData("/staticx/a.txt")]
    [InlineData("/static-other/secret.txt")]
    public async Task What_is_not_given_out_looks_alike(string target)
    {
        using var site = new FileSite();
        site.Add("a.txt", "a");
        site.Add(".hidden", "hidden");
        site.Add(".git/config", "hidden");
        site.Add("dir/index.html", "index");
        site.Add("dir/.hidden/index.html", "hidden");
        site.Add("bare/file.txt", "no index here");
        if (!OperatingSystem.IsWindows())
        {
            using System.Diagnostics.Process made = System.Diagnostics.Process.Start("mkfifo", Path.Combine(site.RootPath, "pipe"));
            await made.WaitForExitAsync(TestContext.Current.CancellationToken);
            File.SetUnixFileMode(site.Add("unreadable.txt", "unreadable"), UnixFileMode.None);
            Assert.SkipWhen(target.Contains("unreadable", StringComparison.Ordinal) && Environment.IsPrivilegedProcess, "user: root reads everything.");
        }

        await site.StartAsync();
        Answer answer = await site.GetAsync(target);
        Assert.Equal(404, answer.Status);
        Assert.Equal((await site.GetAsync("/static/nothing")).Text, answer.Text);
        Assert.Equal(404, (await site.HeadAsync(target)).Status);
    }

    [Fact]
    public async Task Hidden_files_are_served_when_they_should_be()
    {
        using var site = new FileSite();
        site.Add(".well-known/security.txt", "mail us");
        await site.StartAsync(new StaticFileOptions { ServesHiddenFiles = true });
        Assert.Equal("mail us", (await site.GetAsync("/static/.well-known/security.txt")).Text);
    }

    [Fact]
    public async Task A_directory_is_answered_by_the_first_index_file_that_is_there()
    {
        using var site = new FileSite();
        site.Add("default.htm", "root");
        site.Add("both/index.html", "first");
        site.Add("both/default.htm", "second");
        await site.StartAsync(new StaticFileOptions { IndexFiles = ["index.html", "default.htm"] });
        Answer root = await site.GetAsync("/static/");
        Assert.Equal("root", root.Text);
        Assert.Equal("text/html; charset=utf-8", root["Content-Type"]);
        Assert.Equal("first", (await site.GetAsync("/static/both/")).Text);
        Assert.Equal(root["ETag"], (await site.GetAsync("/static/default.htm"))["ETag"]);
    }

    [Theory]
    [InlineData("/static", "/static/")]
    [InlineData("/static?a=b&c", "/static/?a=b&c")]
    [InlineData("/static/dir", "/static/dir/")]
    [InlineData("/static/dir?q=%0d%0ax", "/static/dir/?q=%0d%0ax")]
    [InlineData("/static/%64ir", "/static/%64ir/")]
    [InlineData("http://a/static/dir?q", "/static/dir/?q")]
    public async Task A_directory_without_its_slash_is_redirected(string target, string location)
    {
        using var site = new FileSite();
        site.Add("index.html", "root");
        site.Add("dir/index.html", "index");
        await site.StartAsync();
        Answer answer = await site.GetAsync(target);
        Assert.Equal(301, answer.Status);
        Assert.Equal(location, answer["Location"]);
        Assert.Equal(200, (await site.GetAsync(location)).Status);
    }

    [Theory]
    [InlineData("//evil.example/dir")]
    [InlineData("//dir")]
    [InlineData("/\\evil.example/dir")]
    [InlineData("/%5Cevil.example/dir")]
    [InlineData("/%2Fevil.example/dir")]
    public async Task A_redirect_never_leads_to_another_host(string target)
    {
        using var site = new FileSite();
        site.Add("dir/index.html", "index");
        site.Add("evil.example/dir/index.html", "index");
        await site.StartAsync(server =>
        {
            server.Files("/", site.Root);
            server.Files("/{tenant}", site.Root);
        });
        Answer answer = await site.GetAsync(target);
        Assert.True(answer.Status is 400 or 404 || !(answer["Location"] ?? "/").StartsWith("//", StringComparison.Ordinal), answer.Head);
        Assert.False((answer["Location"] ?? "").Replace('\\', '/').StartsWith("//", StringComparison.Ordinal), answer.Head);
    }

    [Fact]
    public async Task Files_belong_to_their_group_and_leave_other_routes_alone()
    {
        using var site = new FileSite();
        site.Add("a.txt", "a");
        site.Add("hello", "file");
        await site.StartAsync(server =>
        {
            server.Group("/in/{tenant}").Files("/", site.Root).Use(static (context, next) =>
            {
                context.Response.Headers.Add("X-Around", "group");
                return next(context);
            });
            server.Files("/", site.Root);
            server.Get("/hello", Handlers.Hello);
        });
        Answer inGroup = await site.GetAsync("/in/x/a.txt");
        Assert.Equal("a", inGroup.Text);
        Assert.Equal("group", inGroup["X-Around"]);
        Answer atRoot = await site.GetAsync("/a.txt");
        Assert.Equal("a", atRoot.Text);
        Assert.Null(atRoot["X-Around"]);
        Assert.Equal("Hello, World!", (await site.GetAsync("/hello")).Text);
    }

    [Fact]
    public async Task Cache_control_is_chosen_by_path_else_by_the_default_and_never_twice()
    {
        using var site = new FileSite();
        site.Add("app.3f2a.js", "js");
        site.Add("page.html", "html");
        await site.StartAsync(server =>
        {
            server.Group("/own").Files("/", site.Root).Use(static (context, next) =>
            {
                context.Response.Headers.Set("Cache-Control", "private");
                return next(context);
            });
            server.Files("/none", site.Root, new StaticFileOptions { CacheControl = null });
            server.Files("/static", site.Root, new StaticFileOptions
            {
                CacheControl = "max-age=60",
                ChooseCacheControl = static path => path.EndsWith(".js", StringComparison.Ordinal) ? "public, max-age=31536000, immutable" : null,
            });
        });
        Assert.Equal("public, max-age=31536000, immutable", (await site.GetAsync("/static/app.3f2a.js"))["Cache-Control"]);
        Assert.Equal("max-age=60", (await site.GetAsync("/static/page.html"))["Cache-Control"]);
        Assert.Null((await site.GetAsync("/none/page.html"))["Cache-Control"]);
        Assert.Equal("private", (await site.GetAsync("/own/page.html"))["Cache-Control"]);
    }

    [Fact]
    public async Task Types_can_be_added()
    {
        using var site = new FileSite();
        site.Add("track.gpx", "<gpx/>");
        await site.StartAsync(new StaticFileOptions { MediaTypes = Gyre.Http.Fields.MediaTypes.Default.With("gpx", "application/gpx+xml") });
        Assert.Equal("application/gpx+xml", (await site.GetAsync("/static/track.gpx"))["Content-Type"]);
    }

    [Fact]
    public async Task Names_may_have_any_characters_once_decoded()
    {
        using var site = new FileSite();
        site.Add("ä b+c%20.txt", "strange");
        await site.StartAsync();
        Assert.Equal("strange", (await site.GetAsync("/static/%C3%A4%20b+c%2520.txt")).Text);
    }

    [Fact]
    public async Task Look_ups_can_be_made_off_the_loop()
    {
        using var site = new FileSite();
        byte[] content = FileSite.Numbers(100_000);
        site.Add("data.bin", content);
        site.Add("dir/index.html", "index");
        await site.StartAsync(new StaticFileOptions { OffloadsLookUps = true, CacheCheckInterval = TimeSpan.Zero });
        Assert.Equal(content, (await site.GetAsync("/static/data.bin")).Body);
        Assert.Equal("index", (await site.GetAsync("/static/dir/")).Text);
        Assert.Equal(301, (await site.GetAsync("/static/dir")).Status);
        Assert.Equal(404, (await site.GetAsync("/static/none")).Status);
    }

    [Fact]
    public void Wrong_options_are_named()
    {
        Assert.Contains("a/b", Assert.Throws<ArgumentException>(() => new StaticFileOptions { IndexFiles = ["a/b"] }).Message, StringComparison.Ordinal);
        Assert.Contains("U+000D", Assert.Throws<ArgumentException>(() => new StaticFileOptions { CacheControl = "a\r\nb" }).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new StaticFileOptions { RangesMax = 257 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new StaticFileOptions { RangesMax = -1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new StaticFileOptions { ListingNamesMax = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new StaticFileOptions { CacheCheckInterval = TimeSpan.FromSeconds(-1) });
        Assert.Throws<ArgumentOutOfRangeException>(() => new StaticFileOptions { CachedFilesMax = -1 });
        using var site = new FileSite();
        Assert.Contains("static", Assert.Throws<ArgumentException>(() => new HttpServer().Files("static", site.Root)).Message, StringComparison.Ordinal);
    }
}
