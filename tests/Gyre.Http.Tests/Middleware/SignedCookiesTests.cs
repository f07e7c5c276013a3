using Gyre.Http.Tests.Server;
using Microsoft.AspNetCore.DataProtection;

namespace Gyre.Http.Tests.Middleware;

public sealed class SignedCookiesTests
{
    private static readonly SignedCookies s_cookies = new(new EphemeralDataProtectionProvider());

    [Fact]
    public void A_cookie_is_found_until_its_time_has_passed()
    {
        InLoop.Simulate(Server(), static async endPoint =>
        {
            using HttpPeer peer = await InLoop.ConnectAsync(endPoint);
            string cookie = await IssueAsync(peer);
            Assert.Equal("user 42 – é", await ReadAsync(peer, cookie));
            await Coroutine.SleepAsync(TimeSpan.FromSeconds(59));
            Assert.Equal("user 42 – é", await ReadAsync(peer, cookie));
            await Coroutine.SleepAsync(TimeSpan.FromSeconds(1));
            Assert.Equal("none", await ReadAsync(peer, cookie));
        });
    }

    [Fact]
    public void What_was_changed_or_made_for_another_name_or_with_other_keys_isnt_found()
    {
        InLoop.Simulate(Server(), static async endPoint =>
        {
            using HttpPeer peer = await InLoop.ConnectAsync(endPoint);
            string cookie = await IssueAsync(peer);
            string value = cookie["session=".Length..];
            for (int i = 0; i < value.Length; i += 7)
            {
                char other = value[i] == 'A' ? 'B' : 'A';
                Assert.Equal("none", await ReadAsync(peer, $"session={value[..i]}{other}{value[(i + 1)..]}"));
            }

            Assert.Equal("none", await ReadAsync(peer, $"session={value[..^4]}"));
            Assert.Equal("none", await ReadAsync(peer, "session=user"));
            Assert.Equal("none", await ReadAsync(peer, "session=!!!"));
            Assert.Equal("none", await ReadAsync(peer, "session="));
            Assert.Equal("none", await ReadAsync(peer, $"other={value}"));
            Assert.Equal("none", await ReadAsync(peer, $"other={value}", "/other"));
            Assert.Equal("user 42 – é", await ReadAsync(peer, $"session=forged; {cookie}"));
            string foreign = Microsoft.AspNetCore.WebUtilities.WebEncoders.Base64UrlEncode(
                new EphemeralDataProtectionProvider().CreateProtector("x").Protect(new byte[20]));
            Assert.Equal("none", await ReadAsync(peer, $"session={foreign}"));
        });
    }

    private static HttpServer Server() => new HttpServer(new HttpServerOptions { Logger = LineLogger.Silent })
        .Get("/issue", static context =>
        {
            s_cookies.Append(context, "session", "user 42 – é", TimeSpan.FromMinutes(1));
            return default;
        })
        .Get("/", static context => Show(context, "session"))
        .Get("/other", static context => Show(context, "other"));

    private static ValueTask Show(HttpContext context, string name)
    {
        context.Response.Send(s_cookies.TryRead(context, name, out string? value) ? value : "none");
        return default;
    }

    private static async Task<string> IssueAsync(HttpPeer peer)
    {
        string line = (await peer.AskAsync("GET /issue HTTP/1.1\r\nHost: a\r\n\r\n"))["Set-Cookie"]!;
        Assert.Contains("; Max-Age=60; HttpOnly; SameSite=Lax", line, StringComparison.Ordinal);
        return line.Split(';')[0];
    }

    private static async Task<string> ReadAsync(HttpPeer peer, string cookie, string path = "/") =>
        (await peer.AskAsync($"GET {path} HTTP/1.1\r\nHost: a\r\nCookie: {cookie}\r\n\r\n")).Text;
}
