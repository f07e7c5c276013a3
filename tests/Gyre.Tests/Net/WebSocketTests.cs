using System.Net.WebSockets;
using System.Text;
using Gyre.Net;

namespace Gyre.Tests;

/// <summary>The BCL's WebSocket over a connection: its keep-alive timer writes from the pool, on real time.</summary>
public sealed class WebSocketTests
{
    [Fact]
    public void Both_sides_talk_while_keep_alive_pings_go_from_the_pool() => OnLoop.Run(static async () =>
    {
        await using Pair pair = await Pair.ConnectAsync();
        using WebSocket client = Create(pair.Client, isServer: false);
        using WebSocket server = Create(pair.Server, isServer: true);
        await TaskGroup.RunAsync(group =>
        {
            group.Spawn(() => EchoAsync(server));
            group.Spawn(async () =>
            {
                for (int i = 0; i < 20; i++)
                {
                    string text = new('x', i * 1000);
                    await client.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, default);
                    Assert.Equal(text, await ReceiveTextAsync(client));
                    Assert.NotNull(EventLoop.CurrentOrNull);

                    // Long enough for pings and pongs to pass between the messages.
                    await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(5));
                }

                await client.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", default);
            });
            return Task.CompletedTask;
        });
        Assert.Equal(WebSocketState.Closed, client.State);
        Assert.Equal(WebSocketState.Closed, server.State);
    });

    private static WebSocket Create(TcpConnection connection, bool isServer) => WebSocket.CreateFromStream(
        connection.AsStream(),
        new WebSocketCreationOptions
        {
            IsServer = isServer,
            KeepAliveInterval = TimeSpan.FromMilliseconds(1),
            KeepAliveTimeout = OnLoop.HangBound,
        });

    private static async Task EchoAsync(WebSocket socket)
    {
        byte[] buffer = new byte[100_000];
        while (true)
        {
            ValueWebSocketReceiveResult result = await socket.ReceiveAsync(buffer.AsMemory(), default);
            if (result.MessageType == WebSocketMessageType.Close)
            {
                await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", default);
                return;
            }

            await socket.SendAsync(buffer.AsMemory(0, result.Count), result.MessageType, result.EndOfMessage, default);
        }
    }

    private static async Task<string> ReceiveTextAsync(WebSocket socket)
    {
        byte[] buffer = new byte[100_000];
        int count = 0;
        while (true)
        {
            ValueWebSocketReceiveResult result = await socket.ReceiveAsync(buffer.AsMemory(count), default);
            count += result.Count;
            if (result.EndOfMessage)
            {
                return Encoding.UTF8.GetString(buffer, 0, count);
            }
        }
    }
}
