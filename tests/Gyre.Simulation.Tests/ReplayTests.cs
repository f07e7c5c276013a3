using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Text;
using Gyre.Net;
using Xunit;

namespace Gyre.Simulation.Tests;

public sealed class ReplayTests
{
    [Fact]
    public void The_same_seed_gives_the_same_log()
    {
        for (int seed = 1; seed <= 5; seed++)
        {
            Assert.Equal(Race(seed), Race(seed));
        }
    }

    [Fact]
    public void Different_seeds_give_different_orders()
    {
        var logs = Enumerable.Range(1, 20).Select(Race).Distinct().ToList();

        Assert.True(logs.Count > 5, $"Twenty seeds gave only {logs.Count} different orders.");
    }

    [Fact]
    public void What_was_sent_arrives_whole_and_in_order_whatever_the_seed()
    {
        byte[] sent = new byte[300_000];
        new Random(7).NextBytes(sent);
        for (int seed = 1; seed <= 10; seed++)
        {
            Assert.True(Transfer(seed, sent).AsSpan().SequenceEqual(sent), $"Seed {seed} lost or reordered bytes.");
        }
    }

    /// <summary>Ten clients of one server: who is served when is left to the seed.</summary>
    private static string Race(int seed)
    {
        var log = new StringBuilder();
        SimulatedRuntime.Run(seed, () => TaskGroup.RunAsync(async group =>
        {
            TcpListener listener = TcpListener.Listen(new IPEndPoint(IPAddress.Loopback, 80));
            for (int i = 0; i < 10; i++)
            {
                int client = i;
                group.Spawn(async () =>
                {
                    await using TcpConnection connection = await TcpConnection.ConnectAsync(listener.LocalEndPoint);
                    await connection.Output.WriteAsync(new[] { (byte)client });
                    await connection.Input.ReadAsync();
                });
            }

            for (int i = 0; i < 10; i++)
            {
                TcpConnection accepted = await listener.AcceptAsync();
                group.Spawn(async () =>
                {
                    ReadResult read = await accepted.Input.ReadAsync();
                    log.Append(read.Buffer.FirstSpan[0]).Append(' ');
                    accepted.Input.AdvanceTo(read.Buffer.End);
                    await accepted.DisposeAsync();
                });
            }

            await listener.DisposeAsync();
        }));
        return log.ToString();
    }

    private static byte[] Transfer(int seed, byte[] data)
    {
        var received = new ArrayBufferWriter<byte>();
        SimulatedRuntime.Run(seed, () => TaskGroup.RunAsync(async group =>
        {
            await using TcpListener listener = TcpListener.Listen(new IPEndPoint(IPAddress.Loopback, 0));
            group.Spawn(async () =>
            {
                TcpConnection sender = await TcpConnection.ConnectAsync(listener.LocalEndPoint);
                await sender.Output.WriteAsync(data);
                await sender.Output.CompleteAsync();
                await sender.DisposeAsync();
            });
            await using TcpConnection receiver = await listener.AcceptAsync();
            while (true)
            {
                ReadResult read = await receiver.Input.ReadAsync();
                foreach (ReadOnlyMemory<byte> memory in read.Buffer)
                {
                    received.Write(memory.Span);
                }

                receiver.Input.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    return;
                }
            }
        }));
        return received.WrittenSpan.ToArray();
    }
}
