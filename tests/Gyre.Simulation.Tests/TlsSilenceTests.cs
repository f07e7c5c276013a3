using System.Net;
using Gyre.Net;
using Gyre.Tls;
using Xunit;

namespace Gyre.Simulation.Tests;

/// <summary>Handshakes on virtual time: the deadlines that nobody wants to wait for.</summary>
public sealed class TlsSilenceTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100)]
    public void A_client_that_falls_silent_is_reset_after_ten_seconds(int bytes) => SimulatedRuntime.Run(1, async () =>
    {
        await using TcpListener listener = TcpListener.Listen(new IPEndPoint(IPAddress.Loopback, 0));
        await using TcpConnection client = await TcpConnection.ConnectAsync(listener.LocalEndPoint);
        await using TcpConnection server = await listener.AcceptAsync();
        byte[] start = [0x16, 3, 1, 1, 200, .. new byte[400]];
        await client.Output.WriteAsync(start.AsMemory(0, bytes));
        TimeSpan begun = EventLoop.Current.Time;
        TimeoutException error = await Assert.ThrowsAsync<TimeoutException>(
            async () => await TlsConnection.AuthenticateAsServerAsync(server, DevelopmentCertificate.Create().ToServerOptions()));
        Assert.Contains("00:00:10", error.Message, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(10), EventLoop.Current.Time - begun);
        Assert.True(server.IsClosing);
    });

    [Fact]
    public void A_byte_now_and_then_moves_no_deadline() => SimulatedRuntime.Run(2, async () =>
    {
        await using TcpListener listener = TcpListener.Listen(new IPEndPoint(IPAddress.Loopback, 0));
        await using TcpConnection client = await TcpConnection.ConnectAsync(listener.LocalEndPoint);
        await using TcpConnection server = await listener.AcceptAsync();
        await TaskGroup.RunAsync(async group =>
        {
            group.Spawn(async () =>
            {
                byte[] start = [0x16, 3, 1, 1, 200, .. new byte[400]];
                foreach (byte value in start)
                {
                    await client.Output.WriteAsync(new[] { value });
                    await Coroutine.SleepAsync(TimeSpan.FromSeconds(1));
                }
            });
            TimeSpan begun = EventLoop.Current.Time;
            await Assert.ThrowsAsync<TimeoutException>(
                async () => await TlsConnection.AuthenticateAsServerAsync(server, DevelopmentCertificate.Create().ToServerOptions()));
            Assert.Equal(TimeSpan.FromSeconds(10), EventLoop.Current.Time - begun);
            group.Cancel();
        });
    });

    [Fact]
    public void An_exchange_over_the_simulated_network() => SimulatedRuntime.Run(3, async () =>
    {
        DevelopmentCertificate certificate = DevelopmentCertificate.Create();
        await using TcpListener listener = TcpListener.Listen(new IPEndPoint(IPAddress.Loopback, 0));
        await TaskGroup.RunAsync(async group =>
        {
            group.Spawn(async () =>
            {
                await using TlsConnection server = await TlsConnection.AuthenticateAsServerAsync(
                    await listener.AcceptAsync(), certificate.ToServerOptions());
                await server.Input.CopyToAsync(server.Output);
            });
            await using TlsConnection client = await TlsConnection.AuthenticateAsClientAsync(
                await TcpConnection.ConnectAsync(listener.LocalEndPoint), certificate.ToClientOptions());
            byte[] sent = new byte[100_000];
            sent.AsSpan().Fill(7);
            byte[] received = new byte[sent.Length];
            await client.AsStream().WriteAsync(sent);
            await client.AsStream().ReadExactlyAsync(received);
            Assert.Equal(sent, received);
            await client.ShutdownAsync();
            Assert.True((await client.Input.ReadAsync()).IsCompleted);
        });
    });
}
