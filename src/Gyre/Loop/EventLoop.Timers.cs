using Gyre.Loop;
using Gyre.Time;

namespace Gyre;

public sealed partial class EventLoop
{
    private readonly TimerQueue _timers = new();
    private readonly long _epoch;
    private long _now;
    private long _nowReadFor = -1;
    private long _timersFired;
    private long _timerLagMax;

    /// <summary>
    /// The loop's clock for BCL and third-party time-outs: under simulation it is virtual. Its timers may be made and changed
    /// from any thread and call back on the loop's.
    /// </summary>
    public TimeProvider Clock { get; }

    /// <summary>Monotonic time since the loop was made. Loop thread. Constant within one callback.</summary>
    /// <exception cref="InvalidOperationException">The calling code isn't run by this loop.</exception>
    public TimeSpan Time
    {
        get
        {
            VerifyAccess(this);
            return Deadline.ToTimeSpan(Now - _epoch);
        }
    }

    /// <summary>The point on the driver's clock that <see cref="Time"/> counts from.</summary>
    internal long Epoch => _epoch;

    /// <summary>The driver's clock in nanoseconds as it was when last looked at; for who needs no better and mustn't pay.</summary>
    internal long NowRoughly => _now;

    /// <summary>The driver's clock in nanoseconds, read at most once for each piece of work.</summary>
    internal long Now
    {
        get
        {
            if (_nowReadFor != _readyRun)
            {
                // Whole ticks since the epoch, so that CallAt(Time + delay) and CallLater(delay) are the same moment.
                long now = _driver.GetTimestamp();
                _now = now - ((now - _epoch) % Deadline.NanosecondsPerTick);
                _nowReadFor = _readyRun;
            }

            return _now;
        }
    }

    /// <summary>Time has passed without any piece of work being run: the loop waited.</summary>
    private void ForgetTime() => _nowReadFor = -1;

    /// <summary>Calls <paramref name="callback"/> once, <paramref name="delay"/> from now, in the current scope.</summary>
    /// <remarks>Loop thread. Not a checkpoint. Equal deadlines fire in order of creation. <see cref="Timeout.InfiniteTimeSpan"/>
    /// never fires. Never early; a long delay may be exceeded by up to a 1024th, a millisecond at most, so that timers share wake-ups.
    /// An exception of the callback goes to the current scope.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The delay is negative.</exception>
    /// <exception cref="InvalidOperationException">The calling code isn't run by this loop.</exception>
    public TimerHandle CallLater(TimeSpan delay, Action callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        VerifyAccess(this);
        return Schedule(Deadline.After(Now, delay), callback);
    }

    /// <summary>
    /// Calls <paramref name="callback"/> once at <paramref name="time"/> on the clock of <see cref="Time"/>; at once when that
    /// has passed.
    /// </summary>
    /// <remarks>As <see cref="CallLater"/>; <see cref="Timeout.InfiniteTimeSpan"/> never fires, and every other negative time has passed.</remarks>
    /// <exception cref="InvalidOperationException">The calling code isn't run by this loop.</exception>
    public TimerHandle CallAt(TimeSpan time, Action callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        VerifyAccess(this);
        return Schedule(DeadlineAt(time), callback);
    }

    /// <summary>Queues a timer of the runtime itself. Loop thread.</summary>
    internal void AddTimer(TimerEntry entry, long deadline) =>
        _timers.Add(entry, deadline, _driver.TimersAreExact ? deadline : TimerSlack.DueOf(deadline, _now));

    /// <summary>Takes a timer out; false when it wasn't queued.</summary>
    internal bool RemoveTimer(TimerEntry entry) => _timers.Remove(entry);

    /// <summary>A time on the clock of <see cref="Time"/> as a deadline.</summary>
    internal long DeadlineAt(TimeSpan time) =>
        time < TimeSpan.Zero && time != Timeout.InfiniteTimeSpan ? _epoch : Deadline.After(_epoch, time);

    private TimerHandle Schedule(long deadline, Action callback)
    {
        var handle = new TimerHandle(this, new FlowedCallback(callback), ScopeContext.Resolve(this));
        if (deadline != Deadline.Never)
        {
            AddTimer(handle.Entry, deadline);
        }

        return handle;
    }

    private void RunDueTimers()
    {
        if (_timers.Count == 0)
        {
            return;
        }

        long now = _driver.GetTimestamp();
        while (_timers.NextDue is var due && _timers.TryTakeDue(now, out TimerEntry? entry))
        {
            _timersFired++;
            _timerLagMax = Math.Max(_timerLagMax, now - due);
            entry!.OnDue();
        }
    }

    private long TimeUntilNextTimer() =>
        _timers.Count == 0 ? -1 : Deadline.Until(_timers.NextDue, _driver.GetTimestamp());
}
