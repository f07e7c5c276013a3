using Gyre.Diagnostics;
using Gyre.Drivers;

namespace Gyre.Tests;

public sealed class LoopStatisticsTests
{
    [Fact]
    public void Turns_and_work_are_counted() => OnLoop.Run(async () =>
    {
        EventLoop loop = EventLoop.Current;
        LoopStatistics before = loop.Statistics;
        await OnLoop.TurnsAsync(10);
        loop.Post(static () => { });
        LoopStatistics after = loop.Statistics;
        Assert.Equal(before.Turns + 10, after.Turns);
        Assert.Equal(before.ReadyRun + 10, after.ReadyRun);
        Assert.Equal(1, after.ReadyWaiting);
    });

    [Fact]
    public void Timers_are_counted_and_their_lag_is_known() => OnLoop.Run(async () =>
    {
        EventLoop loop = EventLoop.Current;
        TimerHandle handle = loop.CallLater(TimeSpan.FromHours(1), static () => { });
        Assert.Equal(1, loop.Statistics.TimersPending);
        long fired = loop.Statistics.TimersFired;
        await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(1));
        Assert.Equal(fired + 1, loop.Statistics.TimersFired);
        handle.Cancel();
        Assert.Equal(0, loop.Statistics.TimersPending);

        // Held up for longer than the timer's time, the loop is late for it.
        Task sleeping = Coroutine.SleepAsync(TimeSpan.FromMilliseconds(1)).AsTask();
        long start = loop.Clock.GetTimestamp();
        SpinWait.SpinUntil(() => loop.Clock.GetTimestamp() - start > 5_000_000);
        await sleeping;
        Assert.InRange(loop.Statistics.TimerLagMax, TimeSpan.FromMilliseconds(3), TimeSpan.MaxValue);
    });

    [Fact]
    public void Traffic_makes_completions_and_system_calls() => OnLoop.Run(async () =>
    {
        EventLoop loop = EventLoop.Current;
        LoopStatistics before = loop.Statistics;
        await using Pair pair = await Pair.ConnectAsync();
        await pair.Client.Output.WriteAsync(new byte[10]);
        await pair.Server.Input.ReadAsync();
        await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(1));
        LoopStatistics after = loop.Statistics;
        Assert.InRange(after.Completions - before.Completions, 3, long.MaxValue);
        Assert.InRange(after.WaitingTurns, 1, long.MaxValue);
        if (loop.Driver.Capabilities.HasFlag(DriverCapabilities.CountsSystemCalls))
        {
            Assert.InRange(after.SystemCalls - before.SystemCalls, 3, long.MaxValue);
        }
    });
}
