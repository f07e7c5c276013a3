using System.Diagnostics;
using Xunit;

namespace Gyre.Simulation.Tests;

public sealed class VirtualTimeTests
{
    [Fact]
    public void A_year_of_sleep_takes_no_real_time()
    {
        TimeSpan passed = default;
        var real = Stopwatch.StartNew();
        SimulatedRuntime.Run(1, async () =>
        {
            TimeSpan before = EventLoop.Current.Time;
            await Coroutine.SleepAsync(TimeSpan.FromDays(365));
            passed = EventLoop.Current.Time - before;
        });

        Assert.Equal(TimeSpan.FromDays(365), passed);
        Assert.True(real.Elapsed < TimeSpan.FromHours(1), "Virtual time was waited for in real time.");
    }

    [Fact]
    public void Timers_of_the_clock_and_of_the_loop_share_virtual_time()
    {
        var order = new List<string>();
        SimulatedRuntime.Run(1, () => TaskGroup.RunAsync(group =>
        {
            group.Spawn(async () =>
            {
                await Task.Delay(TimeSpan.FromHours(2), EventLoop.Current.Clock);
                order.Add("BCL after two hours");
            });
            group.Spawn(async () =>
            {
                await Coroutine.SleepAsync(TimeSpan.FromHours(1));
                order.Add("Gyre after one hour");
            });
            EventLoop.Current.CallLater(TimeSpan.FromHours(3), () => order.Add("callback after three hours"));
            group.Spawn(async () => await Coroutine.SleepAsync(TimeSpan.FromHours(4)));
            return Task.CompletedTask;
        }));

        Assert.Equal(["Gyre after one hour", "BCL after two hours", "callback after three hours"], order);
    }

    [Fact]
    public void The_wall_clock_starts_where_the_options_say()
    {
        var start = new DateTimeOffset(1999, 12, 31, 23, 59, 59, TimeSpan.Zero);
        DateTimeOffset seen = default;
        SimulatedRuntime.Run(new SimulationOptions { StartTime = start }, async () =>
        {
            await Coroutine.SleepAsync(TimeSpan.FromSeconds(2));
            seen = EventLoop.Current.Clock.GetUtcNow();
        });

        Assert.Equal(start + TimeSpan.FromSeconds(2), seen);
    }

    [Fact]
    public void A_world_in_which_nothing_can_happen_any_more_says_so()
    {
        Assert.Throws<SimulationDeadlockException>(() =>
            SimulatedRuntime.Run(1, async () => await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan)));
    }
}
