using Gyre.Time;

namespace Gyre.Loop;

/// <summary>A loop's clock as a <see cref="TimeProvider"/>: BCL time-outs that take one obey it, virtual time included.</summary>
/// <remarks>Reading it and its timers is safe from any thread, because BCL code does so; callbacks run on the loop's thread.</remarks>
internal sealed class LoopClock(EventLoop loop) : TimeProvider
{
    private const long NanosecondsPerSecond = 1_000_000_000;

    public override long TimestampFrequency => NanosecondsPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long GetTimestamp() => loop.Driver.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => loop.Driver.GetUtcNow();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new LoopTimer(loop, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }
}
