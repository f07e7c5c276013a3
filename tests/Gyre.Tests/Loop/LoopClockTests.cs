namespace Gyre.Tests;

/// <summary>
/// The loop's clock as a <see cref="TimeProvider"/> under the BCL's own time-outs, which are the subject here, not a way to
/// wait.
/// </summary>
public sealed class LoopClockTests
{
    private static readonly TimeSpan s_soon = TimeSpan.FromMilliseconds(1);

    [Fact]
    public void It_reads_the_drivers_clocks() => OnLoop.Run(() =>
    {
        EventLoop loop = EventLoop.Current;
        long before = loop.Driver.GetTimestamp();
        Assert.InRange(loop.Clock.GetTimestamp(), before, long.MaxValue);
        Assert.Equal(1_000_000_000, loop.Clock.TimestampFrequency);
        Assert.InRange(loop.Clock.GetUtcNow() - loop.Driver.GetUtcNow(), TimeSpan.FromMinutes(-1), TimeSpan.FromMinutes(1));
        return Task.CompletedTask;
    });

    [Fact]
    public void A_delay_by_it_ends_on_the_loop() => OnLoop.Run(async () =>
    {
        EventLoop loop = EventLoop.Current;
        TimeSpan due = loop.Time + s_soon;
        await Task.Delay(s_soon, loop.Clock);
        Assert.True(loop.HasAccess);
        Assert.InRange(loop.Time, due, TimeSpan.MaxValue);
    });

    [Fact]
    public void A_delay_by_it_made_on_the_pool_ends_there_too() => OnLoop.Run(async () =>
    {
        TimeProvider clock = EventLoop.Current.Clock;
        await Task.Run(() => Task.Delay(s_soon, clock));
    });

    [Fact]
    public void A_periodic_timer_ticks_until_disposed() => OnLoop.Run(async () =>
    {
        using var timer = new PeriodicTimer(s_soon, EventLoop.Current.Clock);
        for (int i = 0; i < 3; i++)
        {
            Assert.True(await timer.WaitForNextTickAsync());
            Assert.True(EventLoop.Current.HasAccess);
        }

        timer.Dispose();
        Assert.False(await timer.WaitForNextTickAsync());
    });

    [Fact]
    public void A_token_source_by_it_cancels_a_wait() => OnLoop.Run(async () =>
    {
        using var source = new CancellationTokenSource(s_soon, EventLoop.Current.Clock);
        var failure = await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan, source.Token));
        Assert.Equal(source.Token, failure.CancellationToken);
    });

    [Fact]
    public void A_timer_calls_on_the_loop_with_its_state_and_the_AsyncLocals_of_its_maker() => OnLoop.Run(async () =>
    {
        EventLoop loop = EventLoop.Current;
        var local = new AsyncLocal<string> { Value = "maker" };
        (bool OnLoop, object? State, string? Local)? seen = null;
        await using ITimer timer = loop.Clock.CreateTimer(
            state => seen = (loop.HasAccess, state, local.Value), "state", TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        local.Value = "changed since";
        await OnLoop.UntilAsync(() => seen is not null);
        Assert.Equal((true, "state", "maker"), seen);
    });

    [Fact]
    public void A_periodic_ITimer_fires_again_and_again_and_stops_when_disposed_from_the_pool() => OnLoop.Run(async () =>
    {
        int fired = 0;
        ITimer timer = EventLoop.Current.Clock.CreateTimer(_ => fired++, null, s_soon, s_soon);
        await OnLoop.UntilAsync(() => fired >= 3);
        await Task.Run(timer.Dispose);
        await OnLoop.TurnsAsync(2);
        int stopped = fired;
        await Coroutine.SleepAsync(s_soon * 5);
        Assert.Equal(stopped, fired);
        Assert.False(timer.Change(s_soon, s_soon));
    });

    [Fact]
    public void Change_moves_starts_and_stops_it() => OnLoop.Run(async () =>
    {
        EventLoop loop = EventLoop.Current;
        int fired = 0;
        await using ITimer timer = loop.Clock.CreateTimer(_ => fired++, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Assert.Equal(0, loop.Statistics.TimersPending);
        Assert.True(timer.Change(TimeSpan.FromHours(1), Timeout.InfiniteTimeSpan));
        Assert.Equal(1, loop.Statistics.TimersPending);
        Assert.True(timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan));
        await OnLoop.UntilAsync(() => fired == 1);
        Assert.True(timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan));
        Assert.True(timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan));
        await Coroutine.SleepAsync(s_soon);
        Assert.Equal(1, fired);
        await Task.Run(() => timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan));
        await OnLoop.UntilAsync(() => fired == 2);
    });

    [Fact]
    public void A_timer_stopped_in_the_turn_in_which_it_became_due_does_not_call() => OnLoop.Run(async () =>
    {
        EventLoop loop = EventLoop.Current;
        bool called = false;
        ITimer? timer = null;
        loop.CallLater(TimeSpan.Zero, () => timer!.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan));
        timer = loop.Clock.CreateTimer(_ => called = true, null, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        await OnLoop.TurnsAsync(4);
        Assert.False(called);
        await timer.DisposeAsync();
    });

    [Fact]
    public void A_periodic_timer_does_not_make_up_for_the_ticks_that_a_blocked_loop_missed() => OnLoop.Run(async () =>
    {
        EventLoop loop = EventLoop.Current;
        int fired = 0;
        await using ITimer timer = loop.Clock.CreateTimer(_ => fired++, null, s_soon, s_soon);
        TimeSpan start = loop.Time;

        // Holds the loop's thread for a hundred periods, as a long computation would.
        SpinWait.SpinUntil(() => loop.Clock.GetTimestamp() - loop.Epoch > (start + (s_soon * 100)).Ticks * 100);
        await OnLoop.TurnsAsync(20);
        Assert.InRange(fired, 1, 50);
    });

    [Fact]
    public void A_timer_callback_that_throws_ends_the_run_with_it()
    {
        var failure = OnLoop.Throws<InvalidTimeZoneException>(async () =>
        {
            await using ITimer timer = EventLoop.Current.Clock.CreateTimer(
                static _ => throw new InvalidTimeZoneException("from a timer"), null, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
            await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
        });
        Assert.Equal("from a timer", failure.Message);
    }
}
