using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using Gyre.Net;
using Xunit;
using TcpListener = Gyre.Net.TcpListener;

namespace Gyre.Simulation.Tests;

/// <summary>A real file over the simulated network: it is read on the spot, so the order of events is still the seed's alone.</summary>
public sealed class SendFileTests
{
    private const int Size = 300_000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_file_arrives_the_same_way_each_time(int seed)
    {
        string path = Path.GetTempFileName();
        try
        {
            byte[] content = new byte[Size];
            new Random(seed).NextBytes(content);
            File.WriteAllBytes(path, content);
            (byte[] received, List<long> steps) = Receive(seed, path);
            Assert.Equal(content, received);
            Assert.True(steps.Count > 1, "The file came in one piece; the test needs a larger one.");
            Assert.Equal(steps, Receive(seed, path).Steps);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static (byte[] Bytes, List<long> Steps) Receive(int seed, string path)
    {
        var received = new ArrayBufferWriter<byte>();
        var steps = new List<long>();
        SimulatedRuntime.Run(seed, async () =>
        {
            await using TcpListener listener = TcpListener.Listen(new IPEndPoint(IPAddress.Loopback, 0));
            await using TcpConnection client = await TcpConnection.ConnectAsync(listener.LocalEndPoint);
            await using TcpConnection server = await listener.AcceptAsync();
            await TaskGroup.RunAsync(async group =>
            {
                group.Spawn(async () =>
                {
                    using var file = File.OpenHandle(path);
                    await client.SendFileAsync(file, 0, Size);
                    await client.Output.CompleteAsync();
                });
                while (true)
                {
                    ReadResult result = await server.Input.ReadAsync();
                    steps.Add(result.Buffer.Length);
                    foreach (ReadOnlyMemory<byte> part in result.Buffer)
                    {
                        received.Write(part.Span);
                    }

                    server.Input.AdvanceTo(result.Buffer.End);
                    if (result.IsCompleted)
                    {
                        return;
                    }
                }
            });
        });
        return (received.WrittenSpan.ToArray(), steps);
    }
}
