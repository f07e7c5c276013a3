namespace Gyre.Http.Tests.Server;

public sealed class ConnectTests
{
    private const string Connect = "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n";

    /// <summary>It was 404, as if another target might have been connected to.</summary>
    [Fact]
    public async Task Connect_isnt_implemented()
    {
        using TestServer server = await TestServer.StartHelloAsync();
        using HttpPeer peer = await server.ConnectAsync();

        Assert.Equal(501, (await peer.AskAsync(Connect)).Status);
    }
}
