namespace Gyre.Tests;

public sealed class ScopeDeadlineTests
{
    private static readonly TimeSpan s_soon = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan s_late = TimeSpan.FromHours(1);

    [Fact]
    public void A_deadline_that_passes_ends_the_body_and_says_so() => OnLoop.Run(async () =>
    {
        TimeSpan due = EventLoop.Current.Time + s_soon;
        CancelScope scope = await CancelScope.MoveOnAfterAsync(s_soon, static async _ => await Coroutine.SleepAsync(s_late));
        Assert.True(scope.CancelledCaught);
        Assert.Contains("deadline", scope.Reason, StringComparison.Ordinal);
        Assert.InRange(EventLoop.Current.Time, due, TimeSpan.MaxValue);
        Assert.Equal(0, EventLoop.Current.Statistics.TimersPending);
    });

    [Fact]
    public void A_body_that_ends_in_time_leaves_no_timer() => OnLoop.Run(async () =>
    {
        CancelScope scope = await CancelScope.MoveOnAfterAsync(s_late, static async _ => await Coroutine.YieldAsync());
        Assert.False(scope.CancelledCaught);
        Assert.Equal(0, EventLoop.Current.Statistics.TimersPending);
    });

    [Fact]
    public void FailAfter_throws_TimeoutException_with_the_time() => OnLoop.Run(async () =>
    {
        var failure = await Assert.ThrowsAsync<TimeoutException>(
            () => CancelScope.FailAfterAsync(s_soon, static async _ => await Coroutine.SleepAsync(s_late)));
        Assert.Contains(s_soon.ToString(), failure.Message, StringComparison.Ordinal);
        await CancelScope.FailAfterAsync(s_late, static async _ => await Coroutine.YieldAsync());
    });

    [Fact]
    public void FailAfter_does_not_blame_the_time_for_a_cancellation_that_the_body_asked_for() => OnLoop.Run(async () =>
        await CancelScope.FailAfterAsync(s_late, static async scope =>
        {
            scope.Cancel("enough");
            await Coroutine.YieldAsync();
        }));

    [Fact]
    public void The_inner_deadline_first_ends_the_inner_alone() => OnLoop.Run(async () =>
    {
        bool between = false;
        CancelScope outer = await CancelScope.MoveOnAfterAsync(s_late, async _ =>
        {
            CancelScope inner = await CancelScope.MoveOnAfterAsync(s_soon, static async _ => await Coroutine.SleepAsync(s_late));
            Assert.True(inner.CancelledCaught);
            between = true;
        });
        Assert.True(between);
        Assert.False(outer.CancelledCaught);
    });

    [Fact]
    public void The_outer_deadline_first_passes_through_the_inner() => OnLoop.Run(async () =>
    {
        CancelScope? inner = null;
        CancelScope outer = await CancelScope.MoveOnAfterAsync(s_soon, async _ => await CancelScope.MoveOnAfterAsync(s_late, async scope =>
        {
            inner = scope;
            await Coroutine.SleepAsync(s_late);
        }));
        Assert.True(outer.CancelledCaught);
        Assert.False(inner!.CancelledCaught);
    });

    [Fact]
    public void Deadlines_that_coincide_end_the_outer() => OnLoop.Run(async () =>
    {
        EventLoop loop = EventLoop.Current;
        CancelScope? inner = null;
        TimeSpan deadline = loop.Time + s_soon;
        CancelScope outer = await CancelScope.RunAsync(async outer =>
        {
            outer.Deadline = deadline;
            await CancelScope.RunAsync(async scope =>
            {
                inner = scope;
                scope.Deadline = deadline;
                await Coroutine.SleepAsync(s_late);
            });
        });
        Assert.True(inner!.IsCancelRequested);
        Assert.True(outer.CancelledCaught);
        Assert.False(inner.CancelledCaught);
    });

    [Fact]
    public void A_deadline_can_be_read_moved_and_removed_while_the_body_runs() => OnLoop.Run(async () =>
    {
        EventLoop loop = EventLoop.Current;
        CancelScope removed = await CancelScope.MoveOnAfterAsync(s_soon, async scope =>
        {
            Assert.InRange(scope.Deadline!.Value - loop.Time, TimeSpan.Zero, s_soon);
            scope.Deadline = null;
            Assert.Null(scope.Deadline);
            await Coroutine.SleepAsync(s_soon * 3);
        });
        Assert.False(removed.CancelledCaught);
        CancelScope earlier = await CancelScope.MoveOnAfterAsync(s_late, async scope =>
        {
            scope.Deadline = loop.Time + s_soon;
            await Coroutine.SleepAsync(s_late);
        });
        Assert.True(earlier.CancelledCaught);
        CancelScope later = await CancelScope.MoveOnAfterAsync(s_soon, async scope =>
        {
            scope.Deadline = loop.Time + s_late;
            await Coroutine.SleepAsync(s_soon * 3);
        });
        Assert.False(later.CancelledCaught);
        Assert.Equal(0, loop.Statistics.TimersPending);
    });

    [Fact]
    public void A_deadline_reads_back_as_it_was_set() => OnLoop.Run(() => CancelScope.RunAsync(static scope =>
    {
        TimeSpan deadline = EventLoop.Current.Time + s_late;
        scope.Deadline = deadline;
        Assert.Equal(deadline, scope.Deadline);
        return Task.CompletedTask;
    }));

    [Fact]
    public void An_infinite_deadline_is_none() => OnLoop.Run(() => CancelScope.RunAsync(static async scope =>
    {
        scope.Deadline = EventLoop.Current.Time + TimeSpan.FromHours(1);
        scope.Deadline = Timeout.InfiniteTimeSpan;
        Assert.Null(scope.Deadline);
        await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(1));
        Assert.False(scope.IsCancelled);
    }));

    [Fact]
    public void A_deadline_in_the_past_cancels_at_the_next_turn() => OnLoop.Run(async () =>
    {
        CancelScope scope = await CancelScope.RunAsync(static async scope =>
        {
            scope.Deadline = TimeSpan.FromSeconds(-1);
            await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
        });
        Assert.True(scope.CancelledCaught);
    });

    [Fact]
    public void A_negative_time_is_refused() => OnLoop.Run(() =>
    {
        Assert.Throws<ArgumentOutOfRangeException>(
            static () => { _ = CancelScope.MoveOnAfterAsync(TimeSpan.FromSeconds(-1), static _ => Task.CompletedTask); });
        return Task.CompletedTask;
    });
}
