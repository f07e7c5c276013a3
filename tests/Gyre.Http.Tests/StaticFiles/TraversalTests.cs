using Gyre.Http.Tests.Server;

namespace Gyre.Http.Tests.StaticFiles;

/// <summary>Nothing outside the root, however it is asked for.</summary>
public sealed class TraversalTests
{
    [Theory]
    [InlineData("/static/../secret.txt")]
    [InlineData("/static/dir/../../secret.txt")]
    [InlineData("/static/..%2fsecret.txt")]
    [InlineData("/static/..%2Fsecret.txt")]
    [InlineData("/static/%2e%2e/secret.txt")]
    [InlineData("/static/%2E%2E%2Fsecret.txt")]
    [InlineData("/static/.%2e/secret.txt")]
    [InlineData("/static/%252e%252e/secret.txt")]
    [InlineData("/static/%252e%252e%252fsecret.txt")]
    [InlineData("/static/..\\secret.txt")]
    [InlineData("/static/..%5csecret.txt")]
    [InlineData("/static/..%255csecret.txt")]
    [InlineData("/static/%c0%ae%c0%ae/secret.txt")]
    [InlineData("/static/%c0%ae%c0%ae%c0%afsecret.txt")]
    [InlineData("/static/..%c0%afsecret.txt")]
    [InlineData("/static/%e0%80%ae%e0%80%ae/secret.txt")]
    [InlineData("/static/..%u2215secret.txt")]
    [InlineData("/static/a.txt%00")]
    [InlineData("/static/..%00/secret.txt")]
    [InlineData("/static/a.txt%00.html")]
    [InlineData("/static/..;/secret.txt")]
    [InlineData("/static/.../secret.txt")]
    [InlineData("/static/....//secret.txt")]
    [InlineData("/static//etc/passwd")]
    [InlineData("/static/%2fetc/passwd")]
    [InlineData("/static/%2Fetc%2Fpasswd")]
    [InlineData("/static/file:///etc/passwd")]
    [InlineData("/static/C:%5Cwindows%5Cwin.ini")]
    [InlineData("/static/../root-other/secret.txt")]
    [InlineData("/static/..%2froot-other%2fsecret.txt")]
    [InlineData("/static-other/secret.txt")]
    [InlineData("/static/./a.txt")]
    [InlineData("/static/%2e/a.txt")]
    [InlineData("/static/%")]
    [InlineData("/static/%4")]
    [InlineData("/static/%ff")]
    [InlineData("/%73tatic/%2e%2e/secret.txt")]
    [InlineData("http://a/static/%2e%2e/secret.txt")]
    public async Task A_path_never_leads_out(string target)
    {
        using var site = new FileSite();
        site.Add("a.txt", "a");
        site.Add("dir/b.txt", "b");
        await site.StartAsync(new StaticFileOptions { ServesHiddenFiles = true, ListsDirectories = true });
        Answer answer = await site.GetAsync(target);
        Assert.True(answer.Status is 400 or 404, answer.Head);
        Assert.DoesNotContain("secret", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("root:", answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("inside.txt", 200)]
    [InlineData("inside-dir/a.txt", 200)]
    [InlineData("up-and-in.txt", 200)]
    [InlineData("outside.txt", 404)]
    [InlineData("absolute.txt", 404)]
    [InlineData("outside-dir/secret.txt", 404)]
    [InlineData("dangling.txt", 404)]
    [InlineData("circle.txt", 404)]
    public async Task A_link_is_followed_within_the_root_alone(string name, int status)
    {
        using var site = new FileSite();
        string a = site.Add("dir/a.txt", "a");
        Link(site, "inside.txt", "dir/a.txt");
        Link(site, "inside-dir", "dir");
        Link(site, "dir/up-and-in", "../dir/a.txt");
        Link(site, "up-and-in.txt", "dir/up-and-in");
        Link(site, "outside.txt", "../secret.txt");
        Link(site, "absolute.txt", a);
        Link(site, "outside-dir", "../root-other");
        Link(site, "dangling.txt", "nowhere");
        Link(site, "circle.txt", "circle.txt");
        await site.StartAsync();
        Answer answer = await site.GetAsync($"/static/{name}");
        Assert.Equal(status, answer.Status);
        Assert.Equal(status == 200 ? "a" : "Not found", answer.Text);
    }

    private static void Link(FileSite site, string name, string target) => File.CreateSymbolicLink(Path.Combine(site.RootPath, name), target);
}
