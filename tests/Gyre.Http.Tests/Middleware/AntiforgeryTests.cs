using Gyre.Http.Tests.Server;
using Microsoft.AspNetCore.DataProtection;

namespace Gyre.Http.Tests.Middleware;

public sealed class AntiforgeryTests
{
    private static readonly AntiforgeryOptions s_options = new()
    {
        Provider = new EphemeralDataProtectionProvider(),
        UserId = static context => context.Request.GetHeader("X-User"),
        TrustedOrigins = ["https://admin.example.org"],
    };

    [Theory]
    [InlineData("", 200)]
    [InlineData("Origin: http://a\r\nSec-Fetch-Site: same-origin\r\n", 200)]
    [InlineData("Origin: https://admin.example.org\r\nSec-Fetch-Site: cross-site\r\n", 200)]
    [InlineData("Origin: http://evil\r\n", 403)]
    [InlineData("Origin: null\r\n", 403)]
    [InlineData("Origin: http://a.evil\r\n", 403)]
    [InlineData("Origin: https://a\r\n", 403)]
    [InlineData("Sec-Fetch-Site: cross-site\r\n", 403)]
    [InlineData("Sec-Fetch-Site: same-site\r\n", 403)]
    [InlineData("X-User: other\r\n", 403)]
    public async Task A_token_of_the_browsers_own_passes_from_here_and_for_its_user(string headers, int status)
    {
        using TestServer server = await StartAsync(s_options);
        using HttpPeer peer = await server.ConnectAsync();
        (string cookie, string token) = await IssueAsync(peer);

        Answer answer = await peer.AskAsync(Post($"Cookie: {cookie}\r\nX-CSRF-Token: {token}\r\n{headers}"));

        Assert.Equal(status, answer.Status);
        Assert.Equal(status == 200 ? null : "application/problem+json", status == 200 ? null : answer["Content-Type"]);
    }

    [Fact]
    public async Task Anything_less_is_refused()
    {
        using TestServer server = await StartAsync(s_options);
        using HttpPeer peer = await server.ConnectAsync();
        (string cookie, string token) = await IssueAsync(peer);
        (string otherCookie, _) = await IssueAsync(peer);
        Assert.NotEqual(cookie, otherCookie);
        string flipped = (token[20] == 'A' ? 'B' : 'A').ToString();

        foreach (string headers in new[]
        {
            "",
            $"Cookie: {cookie}\r\n",
            $"X-CSRF-Token: {token}\r\n",
            $"Cookie: {otherCookie}\r\nX-CSRF-Token: {token}\r\n",
            $"Cookie: {cookie}\r\nX-CSRF-Token: {token[..20]}{flipped}{token[21..]}\r\n",
            $"Cookie: {cookie}\r\nX-CSRF-Token: {cookie.Split('=')[1]}\r\n",
            $"Cookie: {cookie}\r\nX-CSRF-Token: {new string('A', 3000)}\r\n",
            $"Cookie: gyre-csrf=\r\nX-CSRF-Token: {token}\r\n",
            $"Cookie: {cookie}\r\nContent-Type: application/x-www-form-urlencoded\r\n",
        })
        {
            Assert.Equal(403, (await peer.AskAsync(Post(headers))).Status);
        }

        Assert.Equal(403, (await peer.AskAsync($"PURGE / HTTP/1.1\r\nHost: a\r\nCookie: {cookie}\r\n\r\n")).Status);
        Assert.Equal(200, (await peer.AskAsync(Post($"Cookie: {cookie}\r\nX-CSRF-Token: {token}\r\n"))).Status);
    }

    [Fact]
    public void A_token_ends_with_its_time()
    {
        HttpServer server = new(new HttpServerOptions { Logger = LineLogger.Silent });
        Configure(server, s_options with { Lifetime = TimeSpan.FromHours(1) });
        InLoop.Simulate(server, static async endPoint =>
        {
            using HttpPeer peer = await InLoop.ConnectAsync(endPoint);
            (string cookie, string token) = await IssueAsync(peer);
            await Coroutine.SleepAsync(TimeSpan.FromSeconds(60));
            Assert.Equal(200, (await peer.AskAsync(Post($"Cookie: {cookie}\r\nX-CSRF-Token: {token}\r\n"))).Status);
            await Coroutine.SleepAsync(TimeSpan.FromHours(1));
            using HttpPeer later = await InLoop.ConnectAsync(endPoint);
            Assert.Equal(403, (await later.AskAsync(Post($"Cookie: {cookie}\r\nX-CSRF-Token: {token}\r\n"))).Status);
        });
    }

    [Fact]
    public async Task A_form_may_be_left_to_its_handler()
    {
        using TestServer server = await StartAsync(s_options with { LeavesFormsToHandlers = true });
        using HttpPeer peer = await server.ConnectAsync();
        (string cookie, string token) = await IssueAsync(peer);
        string form = $"Cookie: {cookie}\r\nContent-Type: application/x-www-form-urlencoded; charset=utf-8\r\n";

        Assert.Equal("False", (await peer.AskAsync(Post(form))).Text);
        Assert.Equal("True", (await peer.AskAsync(Post(form, token))).Text);
        Assert.Equal(403, (await peer.AskAsync(Post(form + "X-CSRF-Token: wrong\r\n"))).Status);
        Assert.Equal(403, (await peer.AskAsync(Post($"Cookie: {cookie}\r\nContent-Type: text/plain\r\n"))).Status);
    }

    [Fact]
    public async Task Over_https_the_cookie_is_kept_to_its_host()
    {
        using TestServer server = await StartAsync(s_options);
        using HttpPeer peer = await server.ConnectAsync();
        Answer page = await peer.AskAsync("GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-Proto: https\r\n\r\n");
        Assert.Matches("^__Host-gyre-csrf=.{43}; Path=/; Secure; HttpOnly; SameSite=Lax$", page["Set-Cookie"]);
        Assert.Equal("no-store", page["Cache-Control"]);
    }

    private static Task<TestServer> StartAsync(AntiforgeryOptions options) => TestServer.StartAsync(server => Configure(server, options));

    private static void Configure(HttpServer server, AntiforgeryOptions options)
    {
        var antiforgery = new Antiforgery(options);
        server.UseForwardedHeaders().UseProblemDetails().UseAntiforgery(antiforgery)
            .Get("/", context =>
            {
                string token = antiforgery.IssueToken(context);
                Assert.NotEqual(token, antiforgery.IssueToken(context));
                context.Response.Send(token);
                return default;
            })
            .Post("/", async context => context.Response.Send($"{antiforgery.IsValid(context, await Handlers.ReadTextAsync(context))}"));
    }

    private static async Task<(string Cookie, string Token)> IssueAsync(HttpPeer peer)
    {
        Answer page = await peer.AskAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        return (page["Set-Cookie"]!.Split(';')[0], page.Text);
    }

    private static string Post(string headers, string body = "") =>
        $"POST / HTTP/1.1\r\nHost: a\r\n{headers}Content-Length: {body.Length}\r\n\r\n{body}";
}
