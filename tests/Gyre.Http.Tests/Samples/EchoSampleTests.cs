using System.Net;
using Gyre.Http.Tests.Server;

namespace Gyre.Http.Tests.Samples;

public sealed class EchoSampleTests
{
    [Fact]
    public async Task A_text_comes_back()
    {
        using SampleProcess server = Serve();
        IPEndPoint endPoint = SampleProcess.AddressIn(await server.ReadLineAsync());
        using var client = SampleProcess.Start("Echo", "send", "--port", $"{endPoint.Port}", "Grüße");

        Assert.Equal("Grüße\n", (await client.ReadOutputAsync()).ReplaceLineEndings("\n"));
        Assert.Equal(0, await client.WaitForExitAsync());
    }

    [Fact]
    public async Task Megabytes_of_standard_input_come_back()
    {
        string text = string.Concat(Enumerable.Range(0, 500_000).Select(i => $"{i}\n"));
        using SampleProcess server = Serve();
        IPEndPoint endPoint = SampleProcess.AddressIn(await server.ReadLineAsync());
        using var client = SampleProcess.Start("Echo", "send", "--port", $"{endPoint.Port}");

        Task<string> output = client.ReadOutputAsync();
        await client.WriteInputAsync(text);

        Assert.Equal(text, await output);
        Assert.Equal(0, await client.WaitForExitAsync());
    }

    [Fact]
    public async Task A_client_that_breaks_its_connection_harms_nobody()
    {
        using SampleProcess server = Serve();
        IPEndPoint endPoint = SampleProcess.AddressIn(await server.ReadLineAsync());
        HttpPeer rude = await HttpPeer.ConnectAsync(endPoint);
        using HttpPeer polite = await HttpPeer.ConnectAsync(endPoint);
        await rude.SendAsync("hello");
        rude.Reset();

        await polite.SendAsync("still there?");

        Assert.Equal("still there?"u8.ToArray(), await polite.ReceiveExactlyAsync(12));
    }

    [Fact]
    public async Task Ctrl_c_ends_the_server_in_order_with_connections_open()
    {
        using SampleProcess server = Serve();
        string line = await server.ReadLineAsync();
        Assert.Matches(@"^Echoing on 127\.0\.0\.1:[1-9]\d* with \w+ \(.+\)\. Ctrl-C ends it\.$", line);
        using HttpPeer peer = await HttpPeer.ConnectAsync(SampleProcess.AddressIn(line));
        await peer.SendAsync("x");
        await peer.ReceiveExactlyAsync(1);

        server.Interrupt();

        Assert.Equal(0, await server.WaitForExitAsync());
        Assert.Equal("", await server.ReadErrorAsync());
        await peer.ReceiveEndAsync();
    }

    [Fact]
    public async Task Ctrl_c_ends_a_client_that_waits_for_input()
    {
        using SampleProcess server = Serve();
        IPEndPoint endPoint = SampleProcess.AddressIn(await server.ReadLineAsync());
        using var client = SampleProcess.Start("Echo", "send", "--port", $"{endPoint.Port}");
        await client.WriteAsync("x");
        await client.ReadCharacterAsync();

        client.Interrupt();

        Assert.Equal(0, await client.WaitForExitAsync());
        Assert.Equal("", await client.ReadErrorAsync());
    }

    [Fact]
    public async Task A_server_that_isnt_there_is_one_clear_line()
    {
        using var listener = new System.Net.Sockets.Socket(
            System.Net.Sockets.AddressFamily.InterNetwork, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        using var client = SampleProcess.Start("Echo", "send", "--port", $"{((IPEndPoint)listener.LocalEndPoint!).Port}", "x");

        string error = await client.ReadErrorAsync();

        Assert.Equal(1, await client.WaitForExitAsync());
        Assert.StartsWith($"echo: Can't connect to {listener.LocalEndPoint}", error, StringComparison.Ordinal);
        Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData("70000", "a port is from 0 to 65535")]
    [InlineData("-1", "a port is from 0 to 65535")]
    [InlineData("seven", "seven")]
    public async Task A_port_that_doesnt_exist_is_refused(string port, string told)
    {
        using var client = SampleProcess.Start("Echo", "serve", "--port", port);

        string error = await client.ReadErrorAsync();

        Assert.Equal(1, await client.WaitForExitAsync());
        Assert.Contains(told, error, StringComparison.Ordinal);
    }

    private static SampleProcess Serve() => SampleProcess.Start("Echo", "serve", "--port", "0");
}
