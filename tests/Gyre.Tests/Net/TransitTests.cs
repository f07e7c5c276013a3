using System.IO.Pipelines;
using System.Net;
using System.Text;
using Gyre.Net;

namespace Gyre.Tests;

/// <summary>The driver's receive buffers are transit: slow senders don't hold them, so they can't stop anybody else.</summary>
public sealed class TransitTests
{
    [Fact]
    public void A_sender_of_a_byte_at_a_time_does_not_hold_up_a_normal_client() => OnLoop.Run(async () =>
    {
        EventLoop loop = EventLoop.Current;
        await using Pair slow = await Pair.ConnectAsync();
        await using Pair normal = await Pair.ConnectAsync();
        await TaskGroup.RunAsync(async group =>
        {
            int seen = 0;
            group.Spawn(async () =>
            {
                while (true)
                {
                    // As a parser does that waits for the end of a header.
                    ReadResult result = await slow.Server.Input.ReadAsync();
                    seen = (int)result.Buffer.Length;
                    slow.Server.Input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                }
            });
            group.Spawn(() => EchoAsync(normal.Server));
            for (int i = 1; i <= 3000; i++)
            {
                await slow.Client.Output.WriteAsync("x"u8.ToArray());
                await OnLoop.UntilAsync(() => seen == i);
                Assert.InRange(loop.Driver.Statistics.BuffersHeld, 0, 2);
                if (i % 100 == 0)
                {
                    await PingAsync(normal.Client);
                }
            }

            Assert.InRange(loop.Statistics.BuffersRented, 1, 4);
            group.Cancel();
        });
    });

    [Fact]
    public void Two_thousand_connections_with_an_unfinished_byte_each_do_not_hold_up_a_normal_client() => OnLoop.Run(async () =>
    {
        const int count = 2000;
        EventLoop loop = EventLoop.Current;
        await using var listener = TcpListener.Listen(new IPEndPoint(IPAddress.Loopback, 0));
        var all = new List<TcpConnection>();
        await TaskGroup.RunAsync(async group =>
        {
            int waiting = 0;
            for (int i = 0; i < count; i++)
            {
                TcpConnection client = await TcpConnection.ConnectAsync(listener.LocalEndPoint);
                TcpConnection server = await listener.AcceptAsync();
                all.Add(client);
                all.Add(server);
                group.Spawn(async () =>
                {
                    ReadResult result = await server.Input.ReadAsync();
                    server.Input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
                    waiting++;
                    await server.Input.ReadAsync();
                });
                await client.Output.WriteAsync("G"u8.ToArray());
            }

            await OnLoop.UntilAsync(() => waiting == count);
            Assert.InRange(loop.Driver.Statistics.BuffersHeld, 0, 2);
            await using Pair normal = await Pair.ConnectAsync();
            group.Spawn(() => EchoAsync(normal.Server));
            for (int i = 0; i < 50; i++)
            {
                await PingAsync(normal.Client);
            }

            group.Cancel();
            await CancelScope.RunAsync(async shielded =>
            {
                shielded.Shield = true;
                await OnLoop.UntilAsync(() => group.Count == 0);
            });
        });
        foreach (TcpConnection connection in all)
        {
            connection.Abort();
        }

        await OnLoop.UntilAsync(() => loop.Driver.Statistics.Connections == 0 && loop.Statistics.BuffersRented == 0);
    });

    [Fact]
    public void A_reader_that_turns_to_something_else_gives_back_what_it_left() => OnLoop.Run(async () =>
    {
        // As a handler does that works on one request while the next one lies behind it.
        EventLoop loop = EventLoop.Current;
        var pairs = new List<Pair>();
        for (int i = 0; i < 600; i++)
        {
            Pair pair = await Pair.ConnectAsync();
            pairs.Add(pair);
            ValueTask<ReadResult> read = pair.Server.Input.ReadAsync();
            await pair.Client.Output.WriteAsync("first second"u8.ToArray());
            ReadResult result = await read;
            pair.Server.Input.AdvanceTo(result.Buffer.GetPosition(6));
            await Coroutine.YieldAsync();
            Assert.Equal(0, loop.Driver.Statistics.BuffersHeld);
        }

        foreach (Pair pair in pairs)
        {
            ReadResult rest = await pair.Server.Input.ReadAsync();
            Assert.Equal("second", Encoding.ASCII.GetString(rest.Buffer));
            pair.Server.Input.AdvanceTo(rest.Buffer.End);
            await pair.DisposeAsync();
        }
    });

    [Fact]
    public void Readers_that_keep_many_buffers_at_once_leave_enough_for_the_others() => OnLoop.Run(async () =>
    {
        // Each holds what it read without advancing, as a handler does that works on it for long.
        EventLoop loop = EventLoop.Current;
        var pairs = new List<Pair>();
        for (int i = 0; i < 600; i++)
        {
            Pair pair = await Pair.ConnectAsync();
            pairs.Add(pair);
            await pair.Client.Output.WriteAsync("abc"u8.ToArray());
            Assert.Equal(3, (await pair.Server.Input.ReadAsync()).Buffer.Length);
        }

        await using Pair normal = await Pair.ConnectAsync();
        await TaskGroup.RunAsync(async group =>
        {
            group.Spawn(() => EchoAsync(normal.Server));
            for (int i = 0; i < 50; i++)
            {
                await PingAsync(normal.Client);
            }

            group.Cancel();
        });
        foreach (Pair pair in pairs)
        {
            await pair.DisposeAsync();
        }

        await OnLoop.UntilAsync(() => loop.Statistics.BuffersRented == 0 && loop.Driver.Statistics.BuffersHeld == 0);
    });

    private static async Task EchoAsync(TcpConnection connection)
    {
        while (true)
        {
            ReadResult result = await connection.Input.ReadAsync();
            foreach (ReadOnlyMemory<byte> part in result.Buffer)
            {
                await connection.Output.WriteAsync(part);
            }

            connection.Input.AdvanceTo(result.Buffer.End);
        }
    }

    private static async Task PingAsync(TcpConnection connection)
    {
        await connection.Output.WriteAsync("ping"u8.ToArray());
        ReadResult result = await connection.Input.ReadAtLeastAsync(4);
        Assert.Equal(4, result.Buffer.Length);
        connection.Input.AdvanceTo(result.Buffer.End);
    }
}
