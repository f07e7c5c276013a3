using Gyre.Time;

namespace Gyre.Loop;

/// <summary>A timer of <see cref="LoopClock"/>. Changing and disposing post home when called from another thread.</summary>
internal sealed class LoopTimer : TimerEntry, ITimer
{
    private static readonly Action<object?> s_fire = static self => ((LoopTimer)self!).Fire();
    private static readonly Action<object?> s_apply = static state =>
    {
        var changed = (Changed)state!;
        changed.Timer.Apply(changed.Version);
    };

    private static readonly ContextCallback s_call = static self => ((LoopTimer)self!).Call();

    private readonly EventLoop _loop;
    private readonly TimerCallback _callback;
    private readonly object? _state;
    private readonly ExecutionContext? _context = ExecutionContext.Capture();
    private readonly Lock _gate = new();
    private long _deadline;
    private long _period = Deadline.Never;

    /// <summary>Counts changes. A change from another thread takes effect at once: what is due by an older one no longer calls.</summary>
    private int _version;
    private int _appliedVersion;
    private int _dueVersion;
    private bool _disposed;

    public LoopTimer(EventLoop loop, TimerCallback callback, object? state)
    {
        _loop = loop;
        _callback = callback;
        _state = state;
    }

    /// <summary>What is called, for diagnosis.</summary>
    public TimerCallback Callback => _callback;

    /// <summary>What the callback works on, for diagnosis.</summary>
    public object? State => _state;

    /// <summary>Whether it is the timer of a <c>Task.Delay</c> without a token, which nothing else completes.</summary>
    public bool IsDelay => _state is Task && _state.GetType().Name == "DelayPromise";

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        long now = _loop.Driver.GetTimestamp();
        int version;
        lock (_gate)
        {
            if (_disposed)
            {
                return false;
            }

            _deadline = Deadline.After(now, dueTime);
            _period = period == TimeSpan.Zero ? Deadline.Never : Deadline.After(0, period);
            version = ++_version;
        }

        ApplyOnLoop(version);
        return true;
    }

    public void Dispose()
    {
        int version;
        lock (_gate)
        {
            _disposed = true;
            _deadline = Deadline.Never;
            version = ++_version;
        }

        ApplyOnLoop(version);
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return default;
    }

    protected internal override void OnDue()
    {
        _dueVersion = _appliedVersion;
        _loop.Enqueue(new ReadyItem(s_fire, this, _loop.Root, RestoreContext: false));
    }

    private void ApplyOnLoop(int version)
    {
        if (_loop.HasAccess)
        {
            Apply(version);
        }
        else
        {
            // A loop that has ended fires no timers; the item is dropped with it.
            _loop.TryPost(new ReadyItem(s_apply, new Changed(this, version), _loop.Root, RestoreContext: false));
        }
    }

    private void Apply(int version)
    {
        long deadline;
        lock (_gate)
        {
            if (version != _version)
            {
                return;
            }

            deadline = _deadline;
            _appliedVersion = version;
        }

        _loop.RemoveTimer(this);
        if (deadline != Deadline.Never)
        {
            _loop.AddTimer(this, deadline);
        }
    }

    private void Fire()
    {
        lock (_gate)
        {
            // Changed or disposed between becoming due and running; a change has queued it anew where it asked for that.
            if (_disposed || _dueVersion != _version)
            {
                return;
            }

            if (_period != Deadline.Never)
            {
                // Ticks that a held-up loop missed aren't made up for: a burst of them would hold it up again.
                _deadline = Math.Max(_deadline + _period, _loop.Now);
                _loop.AddTimer(this, _deadline);
            }
        }

        if (_context is null)
        {
            Call();
        }
        else
        {
            ExecutionContext.Run(_context, s_call, this);
        }
    }

    private void Call() => _callback(_state);

    /// <summary>A change from another thread, on its way home.</summary>
    private sealed record Changed(LoopTimer Timer, int Version);
}
