using System.Numerics;

namespace Gyre.Time;

/// <summary>
/// How late a timer may be for the sake of others: those that fall due close together share one wake-up of the loop, where each would
/// cost a system call and a sleep of its own.
/// </summary>
/// <remarks>
/// A thousandth of the delay, which nobody who waits that long can tell, and a millisecond at most: the kernel allows itself the same
/// thousandth for the time-outs of poll and select (up to 100 ms), tokio rounds every timer to a millisecond. Due
/// times are rounded up to a multiple of a power of two, so that timers of different delays meet. Never early. A timer of less than a millisecond is
/// exact.
/// </remarks>
internal static class TimerSlack
{
    /// <summary>A 1024th of the delay: a shift, where a thousandth were a division.</summary>
    private const int DelayToSlackShift = 10;

    private const long SlackMin = 1000;

    private const long SlackMax = 1 << 20;

    /// <summary>When a timer that is set at <paramref name="now"/> for <paramref name="deadline"/> falls due; all in nanoseconds.</summary>
    public static long DueOf(long deadline, long now)
    {
        long slack = Math.Min((deadline - now) >> DelayToSlackShift, SlackMax);
        if (slack < SlackMin || deadline > long.MaxValue - SlackMax)
        {
            return deadline;
        }

        long step = 1L << BitOperations.Log2((ulong)slack);
        return (deadline + step - 1) & ~(step - 1);
    }
}
