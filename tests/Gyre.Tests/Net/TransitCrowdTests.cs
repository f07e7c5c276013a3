using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using Gyre.Net;
using Gyre.Tests.Drivers;

namespace Gyre.Tests;

/// <summary>As <see cref="TransitTests"/>, with as many connections as the descriptor limit allows, so nothing runs beside it.</summary>
[Collection(DescriptorCollection.Name)]
public sealed class TransitCrowdTests
{
    /// <summary>For the test host, and for what earlier tests have left to the finalizers.</summary>
    private const int DescriptorsKept = 1000;

    [Fact]
    public void Ten_thousand_connections_with_an_unfinished_byte_each_do_not_hold_up_a_normal_client() => OnLoop.Run(async () =>
    {
        int count = Math.Min(10_000, (DescriptorsMax() - DescriptorsKept) / 2);
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
            group.Spawn(() => Echo.RunAsync(normal.Server));
            for (int i = 0; i < 50; i++)
            {
                await Echo.PingAsync(normal.Client);
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

    private static int DescriptorsMax()
    {
        const string name = "Max open files";
        if (!File.Exists("/proc/self/limits"))
        {
            return 5000;
        }

        string line = File.ReadLines("/proc/self/limits").First(static line => line.StartsWith(name, StringComparison.Ordinal));
        string soft = line[name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
        return int.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out int most) ? most : int.MaxValue;
    }
}
