namespace Gyre.Tests;

public sealed class CallLaterTests
{
    private static readonly TimeSpan s_soon = TimeSpan.FromMilliseconds(1);

    [Fact]
    public void It_calls_once_not_before_its_time() => OnLoop.Run(async () =>
    {
        EventLoop loop = EventLoop.Current;
        TimeSpan due = loop.Time + s_soon;
        int calls = 0;
        TimeSpan calledAt = default;
        TimerHandle handle = loop.CallLater(s_soon, () =>
        {
            calls++;
            calledAt = loop.Time;
        });
        Assert.True(handle.IsPending);
        await OnLoop.UntilAsync(() => calls > 0);
        Assert.False(handle.IsPending);
        Assert.InRange(calledAt, due, TimeSpan.MaxValue);
        await OnLoop.TurnsAsync(3);
        Assert.Equal(1, calls);
        Assert.False(handle.Cancel());
    });

    [Fact]
    public void Equal_times_call_in_order_of_creation_whether_by_delay_or_by_time() => OnLoop.Run(async () =>
    {
        EventLoop loop = EventLoop.Current;
        var order = new List<int>();
        TimeSpan time = loop.Time + s_soon;
        loop.CallAt(time, () => order.Add(0));
        loop.CallLater(s_soon, () => order.Add(1));
        loop.CallAt(time, () => order.Add(2));
        await OnLoop.UntilAsync(() => order.Count == 3);
        Assert.Equal([0, 1, 2], order);
    });

    [Fact]
    public void A_time_that_has_passed_calls_in_the_next_turn() => OnLoop.Run(async () =>
    {
        bool called = false;
        EventLoop.Current.CallAt(TimeSpan.FromSeconds(-5), () => called = true);
        Assert.False(called);
        await OnLoop.TurnsAsync(2);
        Assert.True(called);
    });

    [Fact]
    public void Cancelled_it_never_calls() => OnLoop.Run(async () =>
    {
        EventLoop loop = EventLoop.Current;
        bool called = false;
        TimerHandle handle = loop.CallLater(s_soon, () => called = true);
        int pending = loop.Statistics.TimersPending;
        Assert.True(handle.Cancel());
        Assert.False(handle.IsPending);
        Assert.Equal(pending - 1, loop.Statistics.TimersPending);
        Assert.False(handle.Cancel());
        await Coroutine.SleepAsync(s_soon * 3);
        Assert.False(called);
    });

    [Fact]
    public void Cancelled_in_the_turn_in_which_it_became_due_it_never_calls() => OnLoop.Run(async () =>
    {
        EventLoop loop = EventLoop.Current;
        bool called = false;
        bool taken = false;
        TimerHandle? second = null;
        TimeSpan time = loop.Time;
        loop.CallAt(time, () => taken = second!.Cancel());
        second = loop.CallAt(time, () => called = true);
        await OnLoop.TurnsAsync(3);
        Assert.True(taken);
        Assert.False(called);
    });

    [Fact]
    public void Cancelling_inside_its_own_callback_is_too_late() => OnLoop.Run(async () =>
    {
        bool? cancelled = null;
        TimerHandle? handle = null;
        handle = EventLoop.Current.CallLater(TimeSpan.Zero, () => cancelled = handle!.Cancel());
        await OnLoop.UntilAsync(() => cancelled is not null);
        Assert.False(cancelled);
    });

    [Fact]
    public void An_infinite_delay_never_fires_and_can_be_cancelled() => OnLoop.Run(() =>
    {
        TimerHandle handle = EventLoop.Current.CallLater(Timeout.InfiniteTimeSpan, static () => { });
        Assert.Equal(0, EventLoop.Current.Statistics.TimersPending);
        Assert.True(handle.IsPending);
        Assert.True(handle.Cancel());
        return Task.CompletedTask;
    });

    [Fact]
    public void A_negative_delay_is_refused() => OnLoop.Run(() =>
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => EventLoop.Current.CallLater(TimeSpan.FromTicks(-2), static () => { }));
        return Task.CompletedTask;
    });

    [Fact]
    public void At_an_infinite_time_it_never_calls_and_at_any_other_negative_one_at_once() => OnLoop.Run(async () =>
    {
        var called = new List<string>();
        TimerHandle never = EventLoop.Current.CallAt(Timeout.InfiniteTimeSpan, () => called.Add("never"));
        EventLoop.Current.CallAt(TimeSpan.FromSeconds(-1), () => called.Add("passed"));
        await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(2));
        Assert.Equal(["passed"], called);
        Assert.True(never.Cancel());
    });

    [Fact]
    public void A_hundred_thousand_timers_all_call() => OnLoop.Run(async () =>
    {
        int calls = 0;
        for (int i = 0; i < 100_000; i++)
        {
            EventLoop.Current.CallLater(TimeSpan.FromMicroseconds(i % 1000), () => calls++);
        }

        await OnLoop.UntilAsync(() => calls == 100_000);
    });

    [Fact]
    public void The_time_is_constant_within_a_callback_and_fresh_after_a_wait_ended_by_a_timer() => OnLoop.Run(async () =>
    {
        EventLoop loop = EventLoop.Current;
        TimeSpan before = loop.Time;
        Assert.Equal(before, loop.Time);

        // The token of a scope runs its registrations inside the timer that cancels the scope, before any ready work.
        TimeSpan inside = default;
        await CancelScope.MoveOnAfterAsync(s_soon, async scope =>
        {
            using CancellationTokenRegistration registration = scope.Token.Register(() => inside = loop.Time);
            await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
        });
        Assert.InRange(inside, before + s_soon, TimeSpan.MaxValue);
    });
}
