using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Gyre.Net;
using Xunit;
using TcpListener = Gyre.Net.TcpListener;

namespace Gyre.Simulation.Tests;

/// <summary>What a real network does to a connection, for several orders of the events.</summary>
public sealed class StreamTests
{
    private static readonly IPEndPoint s_anyPort = new(IPAddress.Loopback, 0);

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 10)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Where_nobody_listens_a_connection_is_refused(int seed) => SimulatedRuntime.Run(seed, async () =>
    {
        TcpListener listener = TcpListener.Listen(s_anyPort);
        IPEndPoint address = listener.LocalEndPoint;
        await using (TcpConnection accepted = await TcpConnection.ConnectAsync(address))
        {
            Assert.Equal(address, accepted.RemoteEndPoint);
        }

        await listener.DisposeAsync();
        await Coroutine.YieldAsync();
        foreach (IPEndPoint nobody in new[] { address, new IPEndPoint(IPAddress.Loopback, 1), new IPEndPoint(IPAddress.IPv6Loopback, 1) })
        {
            var error = await Assert.ThrowsAnyAsync<SocketException>(async () => await TcpConnection.ConnectAsync(nobody));
            Assert.Equal(SocketError.ConnectionRefused, error.SocketErrorCode);
        }
    });

    [Theory]
    [MemberData(nameof(Seeds))]
    public void An_end_that_says_no_more_can_still_listen(int seed) => Connected(seed, async (client, server) =>
    {
        await client.Output.WriteAsync(new byte[10]);
        await client.Output.CompleteAsync();
        Assert.Equal(10, await Streams.CountToEndAsync(server));

        // The other direction is as open as before, for as long as it takes.
        await Coroutine.SleepAsync(TimeSpan.FromHours(1));
        await server.Output.WriteAsync(new byte[30_000]);
        await server.Output.CompleteAsync();
        Assert.Equal(30_000, await Streams.CountToEndAsync(client));
    });

    [Theory]
    [MemberData(nameof(Seeds))]
    public void An_abort_breaks_what_the_peer_waits_for(int seed) => Connected(seed, async (client, server) =>
    {
        EventLoop.Current.CallLater(TimeSpan.FromSeconds(1), client.Abort);
        var broken = await Assert.ThrowsAnyAsync<IOException>(async () => await server.Input.ReadAsync());
        Assert.Contains("reset", broken.ToString(), StringComparison.OrdinalIgnoreCase);
    });

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Bytes_that_nobody_read_make_a_close_a_reset(int seed) => Connected(
        seed,
        async (client, server) =>
        {
            // More than the client's loop takes in by itself, so that some are unread in the network.
            await server.Output.WriteAsync(new byte[500]);
            await Coroutine.SleepAsync(TimeSpan.FromSeconds(1));
            client.LingerTimeout = TimeSpan.Zero;
            await client.DisposeAsync();
            await Assert.ThrowsAnyAsync<IOException>(async () => await server.Input.ReadAsync());
        });

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_sender_waits_for_a_reader_however_long_that_takes(int seed)
    {
        const int pieces = 1000;
        const int piece = 1000;
        Connected(
            seed,
            async (client, server) =>
            {
                int sent = 0;
                await TaskGroup.RunAsync(async group =>
                {
                    group.Spawn(async () =>
                    {
                        for (; sent < pieces; sent++)
                        {
                            await client.Output.WriteAsync(new byte[piece]);
                        }

                        await client.Output.CompleteAsync();
                    });
                    await Coroutine.SleepAsync(TimeSpan.FromHours(1));
                    int held = sent;
                    Assert.InRange(held, 1, pieces / 2);
                    await Coroutine.SleepAsync(TimeSpan.FromDays(1));
                    Assert.Equal(held, sent);
                    Assert.Equal(pieces * piece, await Streams.CountToEndAsync(server));
                });
                Assert.Equal(pieces, sent);
            },
            new SimulationOptions { SocketBufferBytes = 4096 });
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Buffers_of_one_byte_still_carry_everything(int seed) => Connected(
        seed,
        async (client, server) =>
        {
            byte[] sent = [.. Enumerable.Range(0, 256).Select(static value => (byte)value)];
            await client.Output.WriteAsync(sent);
            ReadResult read = await server.Input.ReadAtLeastAsync(256);
            byte[] received = new byte[256];
            read.Buffer.CopyTo(received);
            server.Input.AdvanceTo(read.Buffer.End);
            Assert.Equal(sent, received);
        },
        new SimulationOptions { SocketBufferBytes = 1, ReceiveBufferBytes = 1, ReceiveBufferCount = 1 });

    private static void Connected(int seed, Func<TcpConnection, TcpConnection, Task> test, SimulationOptions? options = null) =>
        SimulatedRuntime.Run((options ?? new SimulationOptions()) with { Seed = seed }, async () =>
        {
            await using TcpListener listener = TcpListener.Listen(s_anyPort);
            await using TcpConnection client = await TcpConnection.ConnectAsync(listener.LocalEndPoint);
            await using TcpConnection server = await listener.AcceptAsync();
            await test(client, server);
        });
}
