using System.Net;
using Gyre.Http.Server;

namespace Gyre.Http.Tests.Server;

public sealed class ListenUrlTests
{
    [Theory]
    [InlineData("http://127.0.0.1:8080", "127.0.0.1:8080")]
    [InlineData("http://127.0.0.1:8080/", "127.0.0.1:8080")]
    [InlineData("HTTP://127.0.0.1:8080", "127.0.0.1:8080")]
    [InlineData("http://127.0.0.1:0", "127.0.0.1:0")]
    [InlineData("http://127.0.0.1", "127.0.0.1:80")]
    [InlineData("http://localhost:5000", "127.0.0.1:5000")]
    [InlineData("http://[::1]:8080", "[::1]:8080")]
    [InlineData("http://[fe80::1%253]:8080", "[fe80::1%3]:8080")]
    [InlineData("http://0.0.0.0:8080", "0.0.0.0:8080")]
    [InlineData("http://*:8080", "[::]:8080")]
    [InlineData("http://+:8080/", "[::]:8080")]
    [InlineData("http://*", "[::]:80")]
    public void A_url_names_an_end_point(string url, string expected) => Assert.Equal(IPEndPoint.Parse(expected), ListenUrl.Parse(url, out _));

    [Theory]
    [InlineData("https://127.0.0.1:8443", true)]
    [InlineData("http://127.0.0.1:8443", false)]
    public void The_scheme_tells_whether_tls_is_spoken(string url, bool expected)
    {
        ListenUrl.Parse(url, out bool isHttps);

        Assert.Equal(expected, isHttps);
    }

    [Theory]
    [InlineData("127.0.0.1:8080", "write it like http://127.0.0.1:8080")]
    [InlineData("localhost:8080", "write it like http://127.0.0.1:8080")]
    [InlineData("http://", "write it like http://127.0.0.1:8080")]
    [InlineData("http://127.0.0.1:99999", "write it like http://127.0.0.1:8080")]
    [InlineData("http://127.0.0.1:x", "write it like http://127.0.0.1:8080")]
    [InlineData("ftp://127.0.0.1", "write it like http://127.0.0.1:8080")]
    [InlineData("*", "write it like http://127.0.0.1:8080")]
    [InlineData("http://127.0.0.1:8080/path", "listens on an address, not on a path")]
    [InlineData("http://127.0.0.1:8080/?x", "listens on an address, not on a path")]
    [InlineData("http://127.0.0.1:8080/#x", "listens on an address, not on a path")]
    [InlineData("http://me@127.0.0.1:8080", "listens on an address, not on a path")]
    [InlineData("http://example.com:8080", "names the host 'example.com'")]
    public void A_bad_url_is_refused_with_what_would_be_right(string url, string reason)
    {
        ArgumentException refusal = Assert.Throws<ArgumentException>(() => ListenUrl.Parse(url, out _));

        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
        Assert.Contains($"'{url}'", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Parameter", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    public void An_empty_url_is_refused(string url) => Assert.Throws<ArgumentException>(() => ListenUrl.Parse(url, out _));
}
