using System.Diagnostics;

namespace Gyre.Time;

/// <summary>The machine's clocks, for the drivers that live in the real world; nobody else may read them.</summary>
internal static class SystemClock
{
    private static readonly double s_nanosecondsPerCount = 1e9 / Stopwatch.Frequency;

#pragma warning disable RS0030 // This is the one place where the real clocks are read.
    /// <summary>The monotonic clock in nanoseconds.</summary>
    public static long Nanoseconds => Stopwatch.Frequency == 1_000_000_000
        ? Stopwatch.GetTimestamp()
        : (long)(Stopwatch.GetTimestamp() * s_nanosecondsPerCount);

    /// <summary>The wall clock.</summary>
    public static DateTimeOffset UtcNow => DateTimeOffset.UtcNow;
#pragma warning restore RS0030
}
