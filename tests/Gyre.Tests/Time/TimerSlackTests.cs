using Gyre.Time;

namespace Gyre.Tests;

/// <summary>How late a timer may be.</summary>
public sealed class TimerSlackTests
{
    private const long Millisecond = 1_000_000;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Millisecond / 10)]
    [InlineData(Millisecond - 1)]
    public void A_short_timer_is_exact(long delay) => Assert.Equal(777 + delay, TimerSlack.DueOf(777 + delay, 777));

    [Theory]
    [InlineData(Millisecond)]
    [InlineData(10 * Millisecond)]
    [InlineData(1000 * Millisecond)]
    [InlineData(3_600_000 * Millisecond)]
    public void A_long_one_is_never_early_and_late_by_a_thousandth_and_a_millisecond_at_most(long delay)
    {
        for (long now = 1; now < 1L << 40; now = (now * 3) + 7)
        {
            long late = TimerSlack.DueOf(now + delay, now) - (now + delay);
            Assert.InRange(late, 0, Math.Min(delay / 1000, 1 << 20));
        }
    }

    [Fact]
    public void Timers_of_different_delays_meet() => Assert.Equal(
        TimerSlack.DueOf(600 * Millisecond, 0), TimerSlack.DueOf((600 * Millisecond) - 100_000, 0));

    [Fact]
    public void One_for_the_end_of_time_does_not_wrap() => Assert.Equal(long.MaxValue - 1, TimerSlack.DueOf(long.MaxValue - 1, 5));

    [Fact]
    public void Of_those_that_fall_due_together_the_earliest_deadline_is_first()
    {
        var queue = new TimerQueue();
        var fired = new List<int>();
        queue.Add(new NumberedTimer(2), deadline: 9, due: 16);
        queue.Add(new NumberedTimer(3), deadline: 16, due: 16);
        queue.Add(new NumberedTimer(1), deadline: 3, due: 16);
        Assert.False(queue.TryTakeDue(15, out _));
        while (queue.TryTakeDue(16, out TimerEntry? entry))
        {
            fired.Add(((NumberedTimer)entry!).Number);
        }

        Assert.Equal([1, 2, 3], fired);
    }
}
