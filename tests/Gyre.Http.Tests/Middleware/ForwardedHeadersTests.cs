using System.Net;
using Gyre.Http.Fields;
using Gyre.Http.Tests.Server;

namespace Gyre.Http.Tests.Middleware;

public sealed class ForwardedHeadersTests
{
    private const ForwardedParts All = ForwardedParts.For | ForwardedParts.Proto | ForwardedParts.Host;

    [Theory]
    [InlineData("X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: shop", "192.0.2.1 https shop")]
    [InlineData("X-Forwarded-For: 6.6.6.6, 192.0.2.1", "192.0.2.1 http a")]
    [InlineData("X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-For: 192.0.2.1", "192.0.2.1 http a")]
    [InlineData("X-Forwarded-For: 6.6.6.6, 127.0.0.2", "127.0.0.2 http a")]
    [InlineData("X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: javascript", "127.0.0.1 http a")]
    [InlineData("X-Forwarded-Host: a/../b", "127.0.0.1 http a")]
    [InlineData("X-Forwarded-For: 192.0.2.1 evil", "127.0.0.1 http a")]
    [InlineData("Forwarded: for=6.6.6.6;proto=https", "127.0.0.1 http a")]
    [InlineData("X-Forwarded-For: 2001:db8::1", "2001:db8::1 http a")]
    public async Task A_trusted_proxy_is_believed_as_far_as_it_knows(string headers, string expected) =>
        Assert.Equal(expected, await SeenAsync(new ForwardedHeadersOptions { Parts = All }, headers));

    [Theory]
    [InlineData(2, "10.0.0.1")]
    [InlineData(3, "192.0.2.1")]
    [InlineData(16, "192.0.2.1")]
    public async Task A_chain_of_proxies_is_walked_as_far_as_the_limit(int hops, string expected)
    {
        var options = new ForwardedHeadersOptions
        {
            TrustedProxies = [IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("10.0.0.0/8")], HopsMax = hops,
        };
        Assert.StartsWith(expected + " ", await SeenAsync(options, "X-Forwarded-For: 6.6.6.6, 192.0.2.1, 10.0.0.1, 10.0.0.2"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task By_default_the_host_isnt_believed() =>
        Assert.Equal("127.0.0.1 http a", await SeenAsync(new ForwardedHeadersOptions(), "X-Forwarded-Host: evil"));

    [Fact]
    public async Task A_stranger_isnt_believed() => Assert.Equal("127.0.0.1 http a", await SeenAsync(
        new ForwardedHeadersOptions { TrustedProxies = [IPNetwork.Parse("10.0.0.0/8")], Parts = All },
        "X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: evil"));

    [Fact]
    public async Task The_standards_header_is_read_when_it_is_named() => Assert.Equal("2001:db8::1 https shop:8443", await SeenAsync(
        new ForwardedHeadersOptions { Source = ForwardedSource.Forwarded, Parts = All },
        "X-Forwarded-For: 6.6.6.6\r\nForwarded: for=6.6.6.6, for=\"[2001:db8::1]:4711\";proto=https;host=\"shop:8443\""));

    [Fact]
    public async Task What_was_told_of_one_request_isnt_believed_of_the_next()
    {
        using TestServer server = await StartAsync(new ForwardedHeadersOptions { Parts = All });
        using HttpPeer peer = await server.ConnectAsync();

        await peer.AskAsync(Request("X-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: shop"));

        Assert.Equal("127.0.0.1 http a", (await peer.AskAsync(Request("X-Other: 1"))).Text);
    }

    private static async Task<string> SeenAsync(ForwardedHeadersOptions options, string headers)
    {
        using TestServer server = await StartAsync(options);
        using HttpPeer peer = await server.ConnectAsync();
        return (await peer.AskAsync(Request(headers))).Text;
    }

    private static Task<TestServer> StartAsync(ForwardedHeadersOptions options) => TestServer.StartAsync(server => server
        .UseForwardedHeaders(options)
        .Get("/", static context =>
        {
            context.Response.Send($"{context.Request.RemoteEndPoint!.Address} {context.Request.Scheme} {context.Request.Host}");
            return default;
        }));

    private static string Request(string headers) => $"GET / HTTP/1.1\r\nHost: a\r\n{headers}\r\n\r\n";
}
