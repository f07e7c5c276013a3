using System.Collections.Concurrent;

namespace Gyre.Tests;

public sealed class WatchdogTests
{
    [Fact]
    public void A_loop_that_is_held_up_is_reported_once_with_the_coroutine_that_holds_it()
    {
        using var log = new BlockingCollection<string>();
        OnLoop.Run(
            () => TaskGroup.RunAsync(group =>
            {
                group.Spawn(
                    () =>
                    {
                        // Holds the loop's thread until the report has come.
                        Assert.True(log.TryTake(out string? line, OnLoop.HangBound));
                        Assert.Contains("'loop-0'", line, StringComparison.Ordinal);
                        Assert.Contains("the hog (spawned at WatchdogTests.cs:", line, StringComparison.Ordinal);
                        return Task.CompletedTask;
                    },
                    "the hog");
                return Task.CompletedTask;
            }),
            OnLoop.Options with { StallThreshold = TimeSpan.FromMilliseconds(20), Log = log.Add });
    }

    [Fact]
    public void A_loop_that_rests_is_not_reported()
    {
        var log = new ConcurrentQueue<string>();
        OnLoop.Run(
            static async () => await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(200)),
            OnLoop.Options with { StallThreshold = TimeSpan.FromMilliseconds(20), Log = log.Enqueue });
        Assert.Empty(log);
    }

    [Fact]
    public void A_loop_that_is_busy_with_short_work_is_not_reported()
    {
        var log = new ConcurrentQueue<string>();
        OnLoop.Run(
            static async () =>
            {
                TimeSpan end = EventLoop.Current.Time + TimeSpan.FromMilliseconds(300);
                while (EventLoop.Current.Time < end)
                {
                    await Coroutine.YieldAsync();
                }
            },
            OnLoop.Options with { StallThreshold = TimeSpan.FromMilliseconds(150), Log = log.Enqueue });
        Assert.Empty(log);
    }
}
