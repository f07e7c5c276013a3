using System.Net;
using System.Text;
using Gyre.Net;

namespace Gyre.Tests;

/// <summary><see cref="SocketsHttpHandler"/> over connections of a loop: it calls them from the pool.</summary>
public sealed class HttpClientTests
{
    [Fact]
    public void Requests_from_the_loop() => OnLoop.Run(static () => ServeAsync(static async client =>
    {
        EventLoop loop = EventLoop.Current;
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal("hello", await client.GetStringAsync(new Uri("http://server/")));
            Assert.Same(loop, EventLoop.Current);
        }
    }));

    [Fact]
    public void Many_requests_at_once_from_the_pool() => OnLoop.Run(static () => ServeAsync(static client => Task.Run(() =>
        Task.WhenAll(Enumerable.Range(0, 50).Select(async _ =>
        {
            for (int i = 0; i < 10; i++)
            {
                Assert.Equal("hello", await client.GetStringAsync(new Uri("http://server/")));
            }
        })))));

    /// <summary>Runs <paramref name="use"/> with a client whose connections are made and answered on this loop.</summary>
    private static async Task ServeAsync(Func<HttpClient, Task> use)
    {
        EventLoop loop = EventLoop.Current;
        await using var listener = TcpListener.Listen(new IPEndPoint(IPAddress.Loopback, 0));
        await TaskGroup.RunAsync(async group =>
        {
            group.Spawn(async () =>
            {
                while (true)
                {
                    TcpConnection connection = await listener.AcceptAsync();
                    group.Spawn(() => AnswerAsync(connection));
                }
            });
            using (var handler = new SocketsHttpHandler
            {
                ConnectCallback = (_, token) => new ValueTask<Stream>(
                    loop.InvokeAsync(async () => (await TcpConnection.ConnectAsync(listener.LocalEndPoint, null, token)).AsStream())),
            })
            {
                using var client = new HttpClient(handler);
                await use(client);
            }

            group.Cancel();
        });
    }

    private static async Task AnswerAsync(TcpConnection connection)
    {
        await using (connection)
        {
            using var reader = new StreamReader(connection.AsStream(), Encoding.ASCII, leaveOpen: true);
            while (await reader.ReadLineAsync() is { } line)
            {
                if (line.Length == 0)
                {
                    await connection.Output.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"u8.ToArray());
                }
            }
        }
    }
}
