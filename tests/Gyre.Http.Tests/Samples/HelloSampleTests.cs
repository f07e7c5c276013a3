using System.Net;
using Gyre.Http.Tests.Server;

namespace Gyre.Http.Tests.Samples;

public sealed class HelloSampleTests
{
    private const string AnyPort = "http://127.0.0.1:0";
    private const string Get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    [Theory]
    [InlineData("io_uring")]
    [InlineData("epoll")]
    [InlineData("sockets")]
    public async Task It_says_when_it_is_ready_and_answers_on_the_driver_that_was_asked_for(string driver)
    {
        using var hello = SampleProcess.Start("Hello", "--urls", AnyPort, "--driver", driver);
        string line = await hello.ReadLineAsync();
        Assert.SkipWhen(line.Contains("can't work here", StringComparison.Ordinal), line);
        using HttpPeer peer = await HttpPeer.ConnectAsync(SampleProcess.AddressIn(line));

        Answer answer = await peer.AskAsync(Get);

        Assert.Matches($@"^Listening on http://127\.0\.0\.1:[1-9]\d* with {driver} \(forced by an option\), 1 loop\(s\)\. Ctrl-C ends it\.$", line);
        Assert.Equal("Hello, World!", answer.Text);
        Assert.Equal("text/plain", answer["Content-Type"]);
        Assert.Equal(404, (await peer.AskAsync("GET /other HTTP/1.1\r\nHost: a\r\n\r\n")).Status);
    }

    [Fact]
    public async Task It_says_why_it_took_the_driver_and_how_many_loops_run()
    {
        using var hello = SampleProcess.Start("Hello", "--urls", AnyPort, "--loops", "2");

        Assert.Matches(@"^Listening on http://127\.0\.0\.1:\d+ with \w+ \(.+\), 2 loop\(s\)\. Ctrl-C ends it\.$", await hello.ReadLineAsync());
    }

    [Fact]
    public async Task A_port_in_use_is_one_clear_line()
    {
        using TestServer server = await TestServer.StartHelloAsync();
        using var hello = SampleProcess.Start("Hello", "--urls", $"http://{server.EndPoint}");

        string error = await hello.ReadErrorAsync();

        Assert.Equal(1, await hello.WaitForExitAsync());
        Assert.StartsWith("hello: ", error, StringComparison.Ordinal);
        Assert.Contains($"{server.EndPoint}", error, StringComparison.Ordinal);
        Assert.Contains("another process", error, StringComparison.Ordinal);
        VerifyOneLine(error);
    }

    [Theory]
    [InlineData("127.0.0.1:8080", "write it like http://127.0.0.1:8080")]
    [InlineData("http://example.com", "a server listens on an IP address")]
    [InlineData("https://127.0.0.1:8080", "certificate")]
    public async Task A_bad_url_is_one_clear_line(string url, string reason)
    {
        using var hello = SampleProcess.Start("Hello", "--urls", url);

        string error = await hello.ReadErrorAsync();

        Assert.Equal(1, await hello.WaitForExitAsync());
        Assert.StartsWith("hello: ", error, StringComparison.Ordinal);
        Assert.Contains(reason, error, StringComparison.Ordinal);
        VerifyOneLine(error);
    }

    /// <summary>What a process fails to load for want of descriptors, it never tries to load again.</summary>
    [Fact]
    public async Task A_flood_before_the_first_request_breaks_nothing_for_good()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "driver: the limit is set as Linux has it.");
        using var hello = SampleProcess.Start(130, "Hello", "--urls", AnyPort);
        IPEndPoint endPoint = SampleProcess.AddressIn(await hello.ReadLineAsync());
        var flood = new List<HttpPeer>();
        for (int i = 0; i < 200; i++)
        {
            flood.Add(await HttpPeer.ConnectAsync(endPoint));
        }

        await Task.WhenAll(flood.Select(static peer => peer.SendAsync("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")));
        foreach (HttpPeer peer in flood)
        {
            Assert.Equal(200, (await peer.ReceiveAsync()).Status);
            peer.Dispose();
        }
    }

    [Theory]
    [InlineData("--driver", "kqueue", "kqueue")]
    [InlineData("--loops", "many", "many")]
    [InlineData("--loops", "-1", "-1")]
    public async Task A_bad_option_is_told_and_nothing_is_served(string option, string value, string told)
    {
        using var hello = SampleProcess.Start("Hello", "--urls", AnyPort, option, value);

        string error = await hello.ReadErrorAsync();

        Assert.NotEqual(0, await hello.WaitForExitAsync());
        Assert.Contains(told, error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("2")]
    public async Task Ctrl_c_ends_it_in_order_whatever_its_connections_do(string loops)
    {
        using var hello = SampleProcess.Start("Hello", "--urls", AnyPort, "--loops", loops);
        IPEndPoint endPoint = SampleProcess.AddressIn(await hello.ReadLineAsync());
        var peers = new List<HttpPeer>();
        for (int i = 0; i < 50; i++)
        {
            HttpPeer peer = await HttpPeer.ConnectAsync(endPoint);
            peers.Add(peer);
            Assert.Equal(200, (await peer.AskAsync(Get)).Status);
        }

        using HttpPeer midway = await HttpPeer.ConnectAsync(endPoint);
        await midway.SendAsync(Get + Get[..10]);
        Assert.Equal(200, (await midway.ReceiveAsync()).Status);

        hello.Interrupt();

        Assert.Equal(0, await hello.WaitForExitAsync());
        Assert.Equal("", await hello.ReadErrorAsync());
        foreach (HttpPeer peer in peers)
        {
            await peer.ReceiveEndAsync();
            peer.Dispose();
        }
    }

    private static void VerifyOneLine(string error) =>
        Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
}
