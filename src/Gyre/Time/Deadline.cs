namespace Gyre.Time;

/// <summary>Points on a driver's monotonic clock, in nanoseconds, and arithmetic on them that cannot wrap.</summary>
internal static class Deadline
{
    /// <summary>A point that never comes.</summary>
    public const long Never = long.MaxValue;

    public const long NanosecondsPerMillisecond = 1_000_000;

    /// <summary>A tick is the unit of <see cref="TimeSpan"/>.</summary>
    public const long NanosecondsPerTick = 100;

    /// <summary>The longest delay that is told apart from never: about 29 years.</summary>
    private const long DelayTicksMax = long.MaxValue / NanosecondsPerTick / 10;

    /// <summary>
    /// The point <paramref name="delay"/> after <paramref name="now"/>; an infinite or huge delay gives <see cref="Never"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The delay is negative and not <see cref="Timeout.InfiniteTimeSpan"/>.</exception>
    public static long After(long now, TimeSpan delay)
    {
        if (delay == Timeout.InfiniteTimeSpan || delay.Ticks > DelayTicksMax)
        {
            return Never;
        }

        if (delay < TimeSpan.Zero)
        {
            throw new ArgumentOutOfRangeException(
                nameof(delay), delay, $"A delay can't be negative, but was {delay}; use Timeout.InfiniteTimeSpan to wait for ever.");
        }

        return now + (delay.Ticks * NanosecondsPerTick);
    }

    /// <summary>How long from <paramref name="now"/> until <paramref name="deadline"/>, in nanoseconds; -1 stands for never.</summary>
    public static long Until(long deadline, long now) =>
        deadline == Never ? -1 : Math.Max(0, deadline - now);

    public static TimeSpan ToTimeSpan(long nanoseconds) => new(nanoseconds / NanosecondsPerTick);
}
