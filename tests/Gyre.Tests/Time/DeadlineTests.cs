using Gyre.Time;

namespace Gyre.Tests;

public sealed class DeadlineTests
{
    [Fact]
    public void A_delay_is_added_in_nanoseconds() =>
        Assert.Equal(1_000_000_100, Deadline.After(100, TimeSpan.FromSeconds(1)));

    [Fact]
    public void An_infinite_and_a_huge_delay_never_come()
    {
        Assert.Equal(Deadline.Never, Deadline.After(5, Timeout.InfiniteTimeSpan));
        Assert.Equal(Deadline.Never, Deadline.After(5, TimeSpan.MaxValue));
    }

    [Fact]
    public void The_longest_delay_that_counts_does_not_wrap()
    {
        long late = Deadline.After(long.MaxValue / 2, TimeSpan.FromDays(29 * 365));
        Assert.InRange(late, long.MaxValue / 2, Deadline.Never);
    }

    [Fact]
    public void A_negative_delay_is_refused_with_its_value()
    {
        var failure = Assert.Throws<ArgumentOutOfRangeException>(() => Deadline.After(0, TimeSpan.FromSeconds(-2)));
        Assert.Contains("-00:00:02", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Until_is_zero_when_it_has_passed_and_minus_one_for_never()
    {
        Assert.Equal(5, Deadline.Until(15, 10));
        Assert.Equal(0, Deadline.Until(10, 15));
        Assert.Equal(-1, Deadline.Until(Deadline.Never, 15));
    }

    [Fact]
    public void Nanoseconds_become_ticks() => Assert.Equal(TimeSpan.FromTicks(12), Deadline.ToTimeSpan(1_299));
}
