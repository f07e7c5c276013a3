using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Gyre.Net;
using Gyre.Tls;

namespace Gyre.Tests;

/// <summary>The plain text as a stream, and the peer a <see cref="SslStream"/> over a socket of the BCL.</summary>
public sealed class TlsStreamTests
{
    private const int Megabyte = 1_000_000;

    [Fact]
    public void On_the_loop() => OnLoop.Run(static async () =>
    {
        await using TlsPair pair = await TlsPair.ConnectAsync();
        await ExchangeAsync(pair.Client.AsStream(), pair.Server.AsStream());
    });

    [Fact]
    public void From_the_pool() => OnLoop.Run(static async () =>
    {
        await using TlsPair pair = await TlsPair.ConnectAsync();
        await Task.Run(() => ExchangeAsync(pair.Client.AsStream(), pair.Server.AsStream()));
    });

    [Fact]
    public void Blocking_in_cooperative_threads() => OnLoop.Run(static async () =>
    {
        await using TlsPair pair = await TlsPair.ConnectAsync();
        await TaskGroup.RunAsync(group =>
        {
            group.SpawnThread(() =>
            {
                Stream stream = pair.Client.AsStream();
                stream.Write("question\n"u8);
                using var reader = new StreamReader(stream, leaveOpen: true);
                Assert.Equal("answer", reader.ReadLine());
            });
            group.SpawnThread(() =>
            {
                Stream stream = pair.Server.AsStream();
                using var reader = new StreamReader(stream, leaveOpen: true);
                Assert.Equal("question", reader.ReadLine());
                stream.Write("answer\n"u8);
            });
            return Task.CompletedTask;
        });
    });

    [Fact]
    public void Blocking_on_the_loop_itself_is_refused() => OnLoop.Run(static async () =>
    {
        await using TlsPair pair = await TlsPair.ConnectAsync();
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => pair.Client.AsStream().ReadExactly(new byte[1]));
        Assert.Contains("ReadAsync", error.Message, StringComparison.Ordinal);
    });

    [Fact]
    public void A_client_of_the_BCL() => OnLoop.Run(static async () =>
    {
        await using var listener = Gyre.Net.TcpListener.Listen(new IPEndPoint(IPAddress.Loopback, 0));
        Task calling = Task.Run(async () =>
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(listener.LocalEndPoint);
            await using SslStream ssl = NewSslStream(socket);
            await ssl.AuthenticateAsClientAsync("localhost");
            await SendAndReceiveAsync(ssl);
            await ssl.ShutdownAsync();
            Assert.Equal(0, await ssl.ReadAtLeastAsync(new byte[1], 1, throwOnEndOfStream: false));
        });
        await using TlsConnection server = await TlsConnection.AuthenticateAsServerAsync(
            await listener.AcceptAsync(), TlsPair.Certificate.ToServerOptions());
        await SendAndReceiveAsync(server.AsStream());
        Assert.True((await server.Input.ReadAsync()).IsCompleted);
        await server.ShutdownAsync();
        await calling;
    });

    [Fact]
    public void A_server_of_the_BCL() => OnLoop.Run(static async () =>
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        Task serving = Task.Run(async () =>
        {
            using Socket socket = await listener.AcceptAsync();
            await using SslStream ssl = NewSslStream(socket);
            await ssl.AuthenticateAsServerAsync(TlsPair.Certificate.Certificate);
            await SendAndReceiveAsync(ssl);
            await ssl.ShutdownAsync();
        });
        await using TlsConnection client = await TlsConnection.AuthenticateAsClientAsync(
            await TcpConnection.ConnectAsync((IPEndPoint)listener.LocalEndPoint!), TlsPair.Certificate.ToClientOptions());
        await SendAndReceiveAsync(client.AsStream());
        Assert.True((await client.Input.ReadAsync()).IsCompleted);
        await serving;
    });

    [Fact]
    public void Disposing_from_the_pool_says_so_to_the_peer() => OnLoop.Run(static async () =>
    {
        await using TlsPair pair = await TlsPair.ConnectAsync();
        await Task.Run(async () => await pair.Client.AsStream().DisposeAsync());
        Assert.Equal("", await Bytes.ReadTextToEndAsync(pair.Server.Input));
    });

    [Fact]
    public void A_thousand_connections_one_after_another_leave_nothing() => OnLoop.Run(static async () =>
    {
        await using var listener = Gyre.Net.TcpListener.Listen(new IPEndPoint(IPAddress.Loopback, 0));
        await TaskGroup.RunAsync(async group =>
        {
            Coroutine serving = group.Spawn(async () =>
            {
                while (true)
                {
                    TcpConnection connection = await listener.AcceptAsync();
                    group.Spawn(async () =>
                    {
                        await using TlsConnection server = await TlsConnection.AuthenticateAsServerAsync(
                            connection, TlsPair.Certificate.ToServerOptions());
                        string text = await Bytes.ReadTextToEndAsync(server.Input);
                        await HandshakeTests.SendAsync(server, text);
                    });
                }
            });
            for (int i = 0; i < 1000; i++)
            {
                await using TlsConnection client = await TlsConnection.AuthenticateAsClientAsync(
                    await TcpConnection.ConnectAsync(listener.LocalEndPoint), TlsPair.Certificate.ToClientOptions());
                await HandshakeTests.SendAsync(client, $"number {i}");
                await client.ShutdownAsync();
                Assert.Equal($"number {i}", await Bytes.ReadTextToEndAsync(client.Input));
            }

            group.Cancel();
        });
        await OnLoop.UntilAsync(static () => EventLoop.Current.Buffers.Slabs.Rented == 0);
    });

    private static SslStream NewSslStream(Socket socket) =>
#pragma warning disable CA5359 // The certificate is the test's own, made a moment ago.
        new(new NetworkStream(socket), leaveInnerStreamOpen: false, static (_, _, _, _) => true);
#pragma warning restore CA5359

    private static async Task ExchangeAsync(Stream client, Stream server)
    {
        await Task.WhenAll(SendAndReceiveAsync(client), SendAndReceiveAsync(server));
        await client.WriteAsync(Encoding.ASCII.GetBytes("last\n"));
        using var reader = new StreamReader(server, leaveOpen: true);
        Assert.Equal("last", await reader.ReadLineAsync());
    }

    private static async Task SendAndReceiveAsync(Stream stream)
    {
        await Task.WhenAll(SendAsync(), ReceiveAsync());

        async Task SendAsync()
        {
            byte[] piece = new byte[70_000];
            for (int sent = 0; sent < Megabyte; sent += piece.Length)
            {
                for (int i = 0; i < piece.Length; i++)
                {
                    piece[i] = Bytes.At(sent + i, seed: 5);
                }

                await stream.WriteAsync(piece.AsMemory(0, Math.Min(piece.Length, Megabyte - sent)));
            }
        }

        async Task ReceiveAsync()
        {
            byte[] received = new byte[Megabyte];
            await stream.ReadExactlyAsync(received);
            for (int i = 0; i < Megabyte; i++)
            {
                Assert.Equal(Bytes.At(i, seed: 5), received[i]);
            }
        }
    }
}
