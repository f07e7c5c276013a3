using System.IO.Pipelines;
using System.Net;
using Gyre.Net;
using Xunit;

namespace Gyre.Simulation.Tests;

/// <summary>The seed decides the order of ready work and of events, and nothing else does.</summary>
public sealed class TraceTests
{
    [Fact]
    public void The_same_seed_gives_the_same_trace_to_the_last_event()
    {
        for (int seed = 1; seed <= 5; seed++)
        {
            string[] first = Trace(seed, out long events);
            Assert.Equal(first, Trace(seed, out _));
            Assert.Equal(events, first.Length);
            Assert.True(first.Length >= 24, $"Only {first.Length} events: four clients connect, are accepted, and each end sends and receives.");
        }
    }

    [Fact]
    public void Different_seeds_give_different_traces()
    {
        int different = Enumerable.Range(1, 20).Select(static seed => string.Join('\n', Trace(seed, out _))).Distinct().Count();
        Assert.True(different > 15, $"Twenty seeds gave only {different} different traces.");
    }

    [Fact]
    public void Ready_work_is_shuffled_by_the_seed_alone()
    {
        for (int seed = 1; seed <= 5; seed++)
        {
            Assert.Equal(ReadyOrder(seed, shuffle: true), ReadyOrder(seed, shuffle: true));
        }

        int different = Enumerable.Range(1, 20).Select(static seed => ReadyOrder(seed, shuffle: true)).Distinct().Count();
        Assert.True(different > 15, $"Twenty seeds gave only {different} different orders.");
    }

    [Fact]
    public void Without_shuffling_ready_work_runs_first_in_first_out_whatever_the_seed()
    {
        string inOrder = string.Join(' ', Enumerable.Range(0, 20));
        Assert.All(Enumerable.Range(1, 20), seed => Assert.Equal(inOrder, ReadyOrder(seed, shuffle: false)));
    }

    [Fact]
    public void A_failure_carries_the_seed_that_brought_it_about()
    {
        var failure = Assert.Throws<FormatException>(() => SimulatedRuntime.Run(4711, static () => throw new FormatException()));
        Assert.Equal(4711, failure.Data[SimulatedRuntime.SeedKey]);
    }

    private static string ReadyOrder(int seed, bool shuffle)
    {
        var order = new List<int>();
        SimulatedRuntime.Run(new SimulationOptions { Seed = seed, ShuffleReady = shuffle }, () => TaskGroup.RunAsync(group =>
        {
            for (int i = 0; i < 20; i++)
            {
                int number = i;
                group.Spawn(() =>
                {
                    order.Add(number);
                    return Task.CompletedTask;
                });
            }

            return Task.CompletedTask;
        }));
        return string.Join(' ', order);
    }

    /// <summary>Four clients that say something now and then to one server, which says it back.</summary>
    private static string[] Trace(int seed, out long events)
    {
        var lines = new List<string>();
        var network = new SimulatedNetwork(new SimulationOptions { Seed = seed, Trace = lines.Add });
        SimulatedRuntime.Run(network, () => TaskGroup.RunAsync(async group =>
        {
            await using TcpListener listener = TcpListener.Listen(new IPEndPoint(IPAddress.Loopback, 0));
            for (int i = 0; i < 4; i++)
            {
                int client = i;
                group.Spawn(async () =>
                {
                    await using TcpConnection connection = await TcpConnection.ConnectAsync(listener.LocalEndPoint);
                    await Coroutine.SleepAsync(TimeSpan.FromSeconds(client % 2));
                    await connection.Output.WriteAsync(new byte[100]);
                    ReadResult read = await connection.Input.ReadAtLeastAsync(100);
                    connection.Input.AdvanceTo(read.Buffer.End);
                });
            }

            for (int i = 0; i < 4; i++)
            {
                TcpConnection accepted = await listener.AcceptAsync();
                group.Spawn(async () =>
                {
                    await using TcpConnection connection = accepted;
                    ReadResult read = await connection.Input.ReadAtLeastAsync(100);
                    connection.Input.AdvanceTo(read.Buffer.End);
                    await connection.Output.WriteAsync(new byte[100]);
                });
            }
        }));
        events = network.Events;
        return [.. lines];
    }
}
