using System.Net;
using Gyre.Http.Tests.Server;

namespace Gyre.Http.Tests.Middleware;

public sealed class RequestIdTests
{
    private const string TraceId = "4bf92f3577b34da6a3ce929d0e0e4736";

    [Fact]
    public async Task Ids_are_made_and_differ_and_a_strangers_isnt_taken()
    {
        using TestServer server = await StartAsync(new RequestIdOptions());
        using HttpPeer peer = await server.ConnectAsync();

        Answer first = await peer.AskAsync(Request("X-Request-Id: forged"));
        Answer second = await peer.AskAsync(Request("X-Request-Id: forged"));

        Assert.Equal(first.Text, first["X-Request-Id"]);
        Assert.DoesNotContain("forged", first.Text, StringComparison.Ordinal);
        Assert.NotEqual(first.Text, second.Text);
    }

    [Theory]
    [InlineData("X-Request-Id: abc-1", "abc-1")]
    [InlineData("traceparent: 00-" + TraceId + "-00f067aa0ba902b7-01", TraceId)]
    [InlineData("traceparent: 00-00000000000000000000000000000000-00f067aa0ba902b7-01", null)]
    [InlineData("traceparent: ff-" + TraceId + "-00f067aa0ba902b7-01", null)]
    [InlineData("traceparent: 00-" + TraceId + "-00f067aa0ba902b7-01-x", null)]
    [InlineData("traceparent: 00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", null)]
    [InlineData("X-Request-Id: two words", null)]
    [InlineData("X-Request-Id: \u00e9", null)]
    [InlineData("X-Request-Id:", null)]
    public async Task A_trusted_callers_id_is_taken_when_it_is_valid(string header, string? taken)
    {
        using TestServer server = await StartAsync(new RequestIdOptions { TrustedNetworks = [IPNetwork.Parse("127.0.0.0/8")], Prefix = "own" });
        using HttpPeer peer = await server.ConnectAsync();

        Answer answer = await peer.AskAsync(Request(header));

        Assert.Equal(answer.Text, answer["X-Request-Id"]);
        if (taken is null)
        {
            Assert.StartsWith("own-", answer.Text, StringComparison.Ordinal);
        }
        else
        {
            Assert.Equal(taken, answer.Text);
        }
    }

    [Fact]
    public void Options_that_cant_be_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new HttpServer().UseRequestId(new RequestIdOptions { HeaderName = "a b" }));
        Assert.Throws<ArgumentException>(() => new HttpServer().UseRequestId(new RequestIdOptions { Prefix = new string('x', 41) }));
        Assert.Throws<ArgumentException>(() => new HttpServer().UseRequestId(new RequestIdOptions { Prefix = "a\nb" }));
    }

    private static Task<TestServer> StartAsync(RequestIdOptions options) => TestServer.StartAsync(server => server
        .UseRequestId(options)
        .Get("/", static context =>
        {
            context.Response.Send(context.RequestId);
            return default;
        }));

    private static string Request(string header) => $"GET / HTTP/1.1\r\nHost: a\r\n{header}\r\n\r\n";
}
