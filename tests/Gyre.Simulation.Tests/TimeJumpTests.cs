using System.Net;
using Gyre.Net;
using Xunit;

namespace Gyre.Simulation.Tests;

/// <summary>Time stands still while there is work and jumps when there is none, exactly to the next timer.</summary>
public sealed class TimeJumpTests
{
    private static TimeSpan Now => EventLoop.Current.Time;

    [Fact]
    public void A_day_of_seconds_is_a_day_to_the_tick()
    {
        var start = new DateTimeOffset(2000, 2, 28, 0, 0, 0, TimeSpan.Zero);
        SimulatedRuntime.Run(new SimulationOptions { StartTime = start }, async () =>
        {
            TimeSpan began = Now;
            for (int second = 1; second <= 24 * 60 * 60; second++)
            {
                await Coroutine.SleepAsync(TimeSpan.FromSeconds(1));
                Assert.Equal(TimeSpan.FromSeconds(second), Now - began);
            }

            // Both clocks are the virtual one: any real time between the reads would show in the ticks.
            Assert.Equal(start.AddDays(1), EventLoop.Current.Clock.GetUtcNow());
        });
    }

    [Fact]
    public void It_stands_still_while_anybody_can_run()
    {
        bool rang = false;
        SimulatedRuntime.Run(1, async () =>
        {
            TimeSpan began = Now;
            EventLoop.Current.CallLater(TimeSpan.FromTicks(1), () => rang = true);
            for (int i = 0; i < 10_000; i++)
            {
                await Coroutine.YieldAsync();
                Assert.False(rang, $"The timer came after {i} turns although somebody could run.");
            }

            Assert.Equal(began, Now);
            await Coroutine.SleepAsync(TimeSpan.FromTicks(1));
            Assert.Equal(TimeSpan.FromTicks(1), Now - began);
        });
        Assert.True(rang);
    }

    [Fact]
    public void It_stands_still_while_bytes_are_on_their_way()
    {
        SimulatedRuntime.Run(1, () => TaskGroup.RunAsync(async group =>
        {
            await using TcpListener listener = TcpListener.Listen(new IPEndPoint(IPAddress.Loopback, 0));
            TimeSpan began = Now;
            group.Spawn(async () =>
            {
                await using TcpConnection sender = await TcpConnection.ConnectAsync(listener.LocalEndPoint);
                await sender.Output.WriteAsync(new byte[1_000_000]);
            });
            await using TcpConnection receiver = await listener.AcceptAsync();
            Assert.Equal(1_000_000, await Streams.CountToEndAsync(receiver));
            Assert.Equal(began, Now);
        }));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void It_stops_at_every_timer_in_the_order_of_their_times(int seed)
    {
        int[] delays = [.. Enumerable.Range(1, 100)];
        new Random(seed).Shuffle(delays);
        var rang = new List<int>();
        SimulatedRuntime.Run(seed, async () =>
        {
            TimeSpan began = Now;
            foreach (int delay in delays)
            {
                EventLoop.Current.CallLater(TimeSpan.FromHours(delay), () =>
                {
                    rang.Add(delay);
                    Assert.Equal(TimeSpan.FromHours(delay), Now - began);
                });
            }

            await Coroutine.SleepAsync(TimeSpan.FromHours(101));
        });

        Assert.Equal(Enumerable.Range(1, 100), rang);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Equal_deadlines_come_in_the_order_in_which_they_were_set(int seed)
    {
        var rang = new List<int>();
        SimulatedRuntime.Run(new SimulationOptions { Seed = seed, ShuffleReady = false }, async () =>
        {
            TimeSpan at = Now + TimeSpan.FromMinutes(1);
            for (int i = 0; i < 50; i++)
            {
                int number = i;
                EventLoop.Current.CallAt(at, () => rang.Add(number));
            }

            await Coroutine.SleepAsync(TimeSpan.FromMinutes(2));
        });

        Assert.Equal(Enumerable.Range(0, 50), rang);
    }

    [Fact]
    public void A_timer_that_was_cancelled_is_no_stop()
    {
        var error = Assert.Throws<SimulationDeadlockException>(() => SimulatedRuntime.Run(1, static async () =>
        {
            EventLoop.Current.CallLater(TimeSpan.FromHours(1), static () => Assert.Fail("It was cancelled.")).Cancel();
            await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
        }));
        Assert.Equal(TimeSpan.Zero, error.Elapsed);
    }
}
