using System.Diagnostics;
using System.Net;
using System.Text;
using Gyre.Net;
using Xunit;

namespace Gyre.Simulation.Tests;

/// <summary>Cooperative threads and offloaded work in virtual time, by a seed.</summary>
public sealed class CooperativeThreadTests
{
    [Fact]
    public void An_hour_of_sleep_in_a_thread_takes_no_real_time()
    {
        TimeSpan passed = default;
        var real = Stopwatch.StartNew();
        SimulatedRuntime.Run(1, () => CooperativeThread.Run(() =>
        {
            TimeSpan before = EventLoop.Current.Time;
            CooperativeThread.Sleep(TimeSpan.FromHours(1));
            passed = EventLoop.Current.Time - before;
        }));
        Assert.Equal(TimeSpan.FromHours(1), passed);
        Assert.True(real.Elapsed < TimeSpan.FromMinutes(10), "Virtual time was waited for in real time.");
    }

    [Fact]
    public void A_time_limit_in_a_thread_strikes_in_virtual_time()
    {
        bool caught = SimulatedRuntime.Run(1, () => CooperativeThread.Run(() =>
            CancelScope.MoveOnAfter(TimeSpan.FromDays(1), _ => CooperativeThread.Sleep(TimeSpan.FromDays(2))).CancelledCaught));
        Assert.True(caught);
    }

    [Fact]
    public void The_same_seed_gives_the_same_order_of_threads_and_coroutines()
    {
        for (int seed = 1; seed <= 5; seed++)
        {
            Assert.Equal(Race(seed), Race(seed));
        }

        Assert.True(Enumerable.Range(1, 20).Select(Race).Distinct().Count() > 5);
    }

    [Fact]
    public void A_blocking_reader_over_the_simulated_network()
    {
        for (int seed = 1; seed <= 5; seed++)
        {
            string? line = null;
            SimulatedRuntime.Run(seed, () => TaskGroup.RunAsync(async group =>
            {
                TcpListener listener = TcpListener.Listen(new IPEndPoint(IPAddress.Loopback, 80));
                group.Spawn(async () =>
                {
                    await using TcpConnection client = await TcpConnection.ConnectAsync(listener.LocalEndPoint);
                    foreach (byte one in "hello\n"u8.ToArray())
                    {
                        await client.AsStream().WriteAsync(new[] { one });
                        await Coroutine.SleepAsync(TimeSpan.FromMinutes(1));
                    }
                });
                await using TcpConnection accepted = await listener.AcceptAsync();
                line = await CooperativeThread.Run(() => new StreamReader(accepted.AsStream()).ReadLine());
                await listener.DisposeAsync();
            }));
            Assert.Equal("hello", line);
        }
    }

    [Fact]
    public void Threads_that_wait_for_what_can_not_come_are_a_deadlock_that_names_them()
    {
        SimulationDeadlockException thrown = Assert.Throws<SimulationDeadlockException>(() => SimulatedRuntime.Run(1, () => TaskGroup.RunAsync(group =>
        {
            var never = new Future("what never comes");
            group.SpawnThread(() => never.Wait(), "waiter");
            return Task.CompletedTask;
        })));
        Assert.Contains("waiter", thrown.Message, StringComparison.Ordinal);
        Assert.Contains("what never comes", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Virtual_time_waits_for_no_other_thread_and_says_whom_it_left()
    {
        using var go = new ManualResetEventSlim();
        SimulationDeadlockException byOffload = Assert.Throws<SimulationDeadlockException>(() => SimulatedRuntime.Run(1, () =>
            Offload.RunAsync(go.Wait, new OffloadOptions { Name = "a checksum" })));
        SimulationDeadlockException byBlocking = Assert.Throws<SimulationDeadlockException>(() => SimulatedRuntime.Run(1, () =>
            CooperativeThread.Run(go.Wait)));
        go.Set();
        Assert.Contains("a checksum", byOffload.Message, StringComparison.Ordinal);
        Assert.Contains("a blocking call of a cooperative thread", byBlocking.Message, StringComparison.Ordinal);
    }

    private static string Race(int seed)
    {
        var log = new StringBuilder();
        SimulatedRuntime.Run(new SimulationOptions { Seed = seed, ShuffleReady = true }, () => TaskGroup.RunAsync(group =>
        {
            for (int i = 0; i < 6; i++)
            {
                int mine = i;
                if (i % 2 == 0)
                {
                    group.SpawnThread(() =>
                    {
                        for (int round = 0; round < 3; round++)
                        {
                            log.Append(mine);
                            CooperativeThread.Yield();
                        }
                    });
                }
                else
                {
                    group.Spawn(async () =>
                    {
                        for (int round = 0; round < 3; round++)
                        {
                            log.Append(mine);
                            await Coroutine.YieldAsync();
                        }
                    });
                }
            }

            return Task.CompletedTask;
        }));
        return log.ToString();
    }
}
