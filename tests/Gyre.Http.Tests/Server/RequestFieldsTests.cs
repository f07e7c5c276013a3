using System.Globalization;
using Gyre.Http.Fields;
using Gyre.Http.Protocol;

namespace Gyre.Http.Tests.Server;

public sealed class RequestFieldsTests
{
    [Fact]
    public async Task Headers_have_accessors_that_are_null_when_they_are_missing()
    {
        string answer = await AskAsync(
            static request => $"{request.UserAgent}|{request.Referer}|{request.Origin}|{request.Authorization}|{request.LastEventId}",
            headers: "User-Agent: u\r\nReferer: /r\r\nOrigin: null\r\nAuthorization: Basic eDp5\r\nLast-Event-ID: \xC3\xA9\r\n");
        Assert.Equal("u|/r|null|Basic eDp5|é", answer);

        Assert.Equal("||||", await AskAsync(
            static request => $"{request.UserAgent}|{request.Referer}|{request.Origin}|{request.Authorization}|{request.LastEventId}"));
    }

    [Theory]
    [InlineData("Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06 08:49:37")]
    [InlineData("Sunday, 06-Nov-94 08:49:37 GMT", "1994-11-06 08:49:37")]
    [InlineData("Sun Nov  6 08:49:37 1994", "1994-11-06 08:49:37")]
    [InlineData("yesterday", "")]
    [InlineData("", "")]
    public async Task A_date_is_read_in_each_form_and_nonsense_is_none(string value, string expected) => Assert.Equal(
        expected,
        await AskAsync(
            static request => request.GetDate(KnownHeader.IfModifiedSince)?.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) ?? "",
            headers: $"If-Modified-Since: {value}\r\n"));

    [Theory]
    [InlineData("17", "17")]
    [InlineData("+1", "")]
    [InlineData("-1", "")]
    [InlineData("1 2", "")]
    [InlineData("9223372036854775807", "9223372036854775807")]
    [InlineData("9223372036854775808", "")]
    public async Task A_number_is_digits_and_nothing_else(string value, string expected) => Assert.Equal(
        expected,
        await AskAsync(static request => $"{request.GetInt64(KnownHeader.MaxForwards)}", headers: $"Max-Forwards: {value}\r\n"));

    [Theory]
    [InlineData("", "")]
    [InlineData("Accept: a/b\r\n", "[a/b]")]
    [InlineData("Accept: , a/b ,,c/d;q=0.5,\r\nX: y\r\nAccept: e/f\r\n", "[a/b][c/d;q=0.5][e/f]")]
    [InlineData("Accept: a/b;x=\"1,2\" , c/d\r\n", "[a/b;x=\"1,2\"][c/d]")]
    public async Task A_list_goes_over_all_its_lines(string headers, string expected) => Assert.Equal(
        expected,
        await AskAsync(static request => string.Concat(request.GetList(KnownHeader.Accept).Select(element => $"[{element}]")), headers: headers));

    [Theory]
    [InlineData("", "null")]
    [InlineData("?", "null")]
    [InlineData("?b=1", "null")]
    [InlineData("?A=1", "null")]
    [InlineData("?a", "''")]
    [InlineData("?a=", "''")]
    [InlineData("?x=1&a=x+y%26%C3%A9&a=2", "'x y&é'")]
    [InlineData("?%61=1", "'1'")]
    [InlineData("?a=%FF", "'\uFFFD'")]
    public async Task A_query_is_decoded_once_and_the_first_pair_counts(string query, string expected) => Assert.Equal(
        expected,
        await AskAsync(static request => request.GetQuery("a") is { } value ? $"'{value}'" : "null", $"/{query}"));

    [Fact]
    public async Task A_name_longer_than_the_stack_is_found()
    {
        string name = new('é', 200);

        Assert.Equal("found", await AskAsync(request => request.GetQuery(name) ?? "null", $"/?{Uri.EscapeDataString(name)}=found"));
    }

    [Fact]
    public async Task All_pairs_of_a_query_come_in_order() => Assert.Equal(
        "[a=1][b=][a=2]",
        await AskAsync(static request => string.Concat(request.QueryPairs().Select(pair => $"[{pair.Key}={pair.Value}]")), "/?a=1&&b&a=2"));

    [Theory]
    [InlineData(1024, 200)]
    [InlineData(1025, 400)]
    public async Task A_query_has_a_bounded_number_of_pairs(int pairs, int status)
    {
        using TestServer server = await StartAsync(static request => $"{request.QueryPairs().Count}");
        using HttpPeer peer = await server.ConnectAsync();

        Answer answer = await peer.AskAsync($"GET /?{string.Concat(Enumerable.Repeat("a&", pairs))} HTTP/1.1\r\nHost: a\r\n\r\n");

        Assert.Equal(status, answer.Status);
        Assert.Empty(server.Log);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("?n=12", "12")]
    [InlineData("?n=-2147483648", "-2147483648")]
    public async Task A_number_in_a_query_is_read(string query, string expected) =>
        Assert.Equal(expected, await AskAsync(static request => $"{request.GetQueryInt32("n")}", $"/{query}"));

    [Theory]
    [InlineData("n=")]
    [InlineData("n=1.5")]
    [InlineData("n=%2B1")]
    [InlineData("n=+1")]
    [InlineData("n=1+")]
    [InlineData("n=2147483648")]
    [InlineData("n=%0D%0Ax")]
    public async Task A_number_in_a_query_that_is_none_is_answered_400_and_the_connection_goes_on(string query)
    {
        using TestServer server = await StartAsync(static request => $"{request.GetQueryInt32("n")}{request.GetQueryInt64("m")}");
        using HttpPeer peer = await server.ConnectAsync();

        Answer answer = await peer.AskAsync($"GET /?{query} HTTP/1.1\r\nHost: a\r\n\r\n");

        Assert.Equal(400, answer.Status);
        Assert.StartsWith("The parameter n of the query is \"", answer.Text, StringComparison.Ordinal);
        Assert.Contains("it must be a whole number from -2147483648 to 2147483647", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', answer.Text);
        Assert.Equal("7", (await peer.AskAsync("GET /?m=7 HTTP/1.1\r\nHost: a\r\n\r\n")).Text);
        Assert.Equal(400, (await peer.AskAsync("GET /?m=9223372036854775808 HTTP/1.1\r\nHost: a\r\n\r\n")).Status);
        Assert.Empty(server.Log);
    }

    [Fact]
    public async Task Cookies_are_found_by_name_and_listed_in_order()
    {
        const string headers = "Cookie: a=1; b=\"two\"; bad name=x\r\nCookie: a=3\r\n";
        Assert.Equal("1|two|null", await AskAsync(
            static request => $"{request.GetCookie("a")}|{request.GetCookie("b")}|{request.GetCookie("A") ?? "null"}", headers: headers));
        Assert.Equal("[a=1][b=two][a=3]", await AskAsync(
            static request => string.Concat(request.Cookies().Select(cookie => $"[{cookie.Key}={cookie.Value}]")), headers: headers));
        Assert.Equal("null0", await AskAsync(static request => $"{request.GetCookie("a") ?? "null"}{request.Cookies().Count}"));
    }

    [Fact]
    public async Task A_cookie_is_set_with_safe_defaults_and_deleted_with_the_path_it_was_set_with()
    {
        using TestServer server = await TestServer.StartAsync(static server => server.Get("/", context =>
        {
            context.Response.SetCookie("id", "x");
            context.Response.DeleteCookie("old", new CookieOptions { Path = "/p" });
            Assert.Throws<ArgumentException>(() => context.Response.SetCookie("id", "a;b"));
            context.Response.Send("set");
            Assert.Throws<InvalidOperationException>(() => context.Response.SetCookie("late", "x"));
            return default;
        }));
        using HttpPeer peer = await server.ConnectAsync();

        Answer answer = await peer.AskAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n");

        Assert.Equal(
            [
                "Set-Cookie: id=x; Path=/; HttpOnly; SameSite=Lax",
                "Set-Cookie: old=; Path=/p; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; HttpOnly; SameSite=Lax",
            ],
            answer.Lines.Where(line => line.StartsWith("Set-Cookie", StringComparison.OrdinalIgnoreCase)));
        Assert.Empty(server.Log);
    }

    [Theory]
    [InlineData(399)]
    [InlineData(600)]
    public void A_named_status_is_one_of_an_error(int status) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new HttpException(status, "wrong"));

    private static async Task<string> AskAsync(Func<HttpRequest, string> read, string target = "/", string headers = "")
    {
        using TestServer server = await StartAsync(read);
        using HttpPeer peer = await server.ConnectAsync();
        Answer answer = await peer.AskAsync($"GET {target} HTTP/1.1\r\nHost: a\r\n{headers}\r\n");
        Assert.Equal(200, answer.Status);
        return answer.Text;
    }

    private static Task<TestServer> StartAsync(Func<HttpRequest, string> read) => TestServer.StartAsync(server => server.Get("/", context =>
    {
        context.Response.Send(read(context.Request));
        return default;
    }));
}
