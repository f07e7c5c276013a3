using System.Net;
using Gyre.Net;

namespace Gyre.Tests;

/// <summary>Two connections, each the peer of the other, over loop-back on the current loop.</summary>
internal sealed class Pair : IAsyncDisposable
{
    private Pair(TcpConnection client, TcpConnection server)
    {
        Client = client;
        Server = server;
    }

    public TcpConnection Client { get; }

    public TcpConnection Server { get; }

    public static async Task<Pair> ConnectAsync(TcpConnectOptions? options = null)
    {
        await using var listener = TcpListener.Listen(new IPEndPoint(IPAddress.Loopback, 0));
        TcpConnection client = await TcpConnection.ConnectAsync(listener.LocalEndPoint, options);
        return new Pair(client, await listener.AcceptAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await Server.DisposeAsync();
    }
}
