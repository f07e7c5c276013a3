using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Threading.Tasks.Sources;
using Gyre.Diagnostics;
using Gyre.Loop;
using Gyre.LowLevel;
using Gyre.Time;

namespace Gyre;

/// <summary>Ticks at a fixed period, for one flow at a time: <c>await interval.TickAsync()</c>, or <c>await foreach</c>.</summary>
/// <remarks>
/// The first tick is due a period after it was made. Ticks are points in time, not pauses: how long the flow works between two
/// doesn't shift them. A cancelled wait takes no tick. Members are used on the thread of the loop that it was made on.
/// </remarks>
[DebuggerDisplay("every {Period}, next at {_next}")]
public sealed class Interval : IAsyncEnumerable<IntervalTick>
{
    private readonly EventLoop _loop = EventLoop.Current;
    private readonly TickWait _wait;
    private readonly long _period;
    private long _next;

    /// <summary>An interval of the current loop that begins now.</summary>
    /// <param name="period">Time between two ticks.</param>
    /// <param name="missed">What to do when the flow comes too late for a tick.</param>
    /// <exception cref="ArgumentOutOfRangeException">The period isn't positive, or infinite.</exception>
    /// <exception cref="InvalidOperationException">The calling code isn't run by a loop.</exception>
    public Interval(TimeSpan period, MissedTicks missed = MissedTicks.Skip)
    {
        if (period <= TimeSpan.Zero)
        {
            throw new ArgumentOutOfRangeException(nameof(period), period, $"A period has to be above zero, but was {period}.");
        }

        if (!Enum.IsDefined(missed))
        {
            throw new ArgumentOutOfRangeException(nameof(missed), missed, "It is Burst, Delay or Skip.");
        }

        Period = period;
        Missed = missed;
        long now = _loop.Now;
        _next = Deadline.After(now, period);
        _period = _next - now;
        _wait = new TickWait(this);
    }

    /// <summary>Time between two ticks.</summary>
    public TimeSpan Period { get; }

    /// <summary>What happens when the flow comes too late for a tick.</summary>
    public MissedTicks Missed { get; }

    /// <summary>Waits for the next tick. A checkpoint; goes on at once when it is overdue.</summary>
    /// <param name="cancellationToken">Ends this wait alone; the tick is still to come then.</param>
    /// <exception cref="OperationCanceledException">The scope or the token was cancelled.</exception>
    /// <exception cref="InvalidOperationException">Another flow waits for the tick already, or this isn't its loop's thread.</exception>
    public ValueTask<IntervalTick> TickAsync(CancellationToken cancellationToken = default)
    {
        _loop.VerifyAccess(this);
        ScopeContext context = ScopeContext.Resolve(_loop);
        if (WaitSource.CancellationOf(context, cancellationToken) is { } cancellation)
        {
            return ValueTask.FromException<IntervalTick>(cancellation);
        }

        return _next <= _loop.Now && --_loop.Budget > 0 && !_wait.IsInUse
            ? new ValueTask<IntervalTick>(TakeTick())
            : _wait.BeginAsync(context, cancellationToken);
    }

    /// <summary>Puts the next tick a whole period from now. Not a checkpoint.</summary>
    /// <exception cref="InvalidOperationException">A flow waits for the tick, or this isn't its loop's thread.</exception>
    public void Reset()
    {
        _loop.VerifyAccess(this);
        if (_wait.IsInUse)
        {
            throw new InvalidOperationException($"A flow waits for the next tick of {this}; reset it from there, between two ticks.");
        }

        _next = Deadline.After(_loop.Now, Period);
    }

    /// <summary>The ticks, one after another, without end.</summary>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    public async IAsyncEnumerator<IntervalTick> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            yield return await TickAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"an interval of {Period}";

    private IntervalTick TakeTick()
    {
        long due = _next;
        long now = _loop.Now;
        long missed = 0;
        switch (Missed)
        {
            case MissedTicks.Burst:
                _next = due + _period;
                break;
            case MissedTicks.Delay:
                missed = Math.Max(0, (now - due) / _period);
                _next = missed == 0 ? due + _period : now + _period;
                break;
            default:
                missed = Math.Max(0, (now - due) / _period);
                _next = due + ((missed + 1) * _period);
                break;
        }

        return new IntervalTick(Deadline.ToTimeSpan(due - _loop.Epoch), missed);
    }

    private sealed class TickWait(Interval interval) : WaitSource(interval._loop), IValueTaskSource<IntervalTick>
    {
        private readonly TickTimer _timer = new(interval);

        public ValueTask<IntervalTick> BeginAsync(ScopeContext context, CancellationToken token)
        {
            ParkIn(context, WaitKind.Timer, interval, token);

            // The token may have ended the wait while it parked.
            if (IsParked)
            {
                Loop.AddTimer(_timer, interval._next);
            }

            return new ValueTask<IntervalTick>(this, Version);
        }

        public IntervalTick GetResult(short token)
        {
            if (EndWait(token) is { } failure)
            {
                ExceptionDispatchInfo.Throw(failure);
            }

            return interval.TakeTick();
        }

        public ValueTaskSourceStatus GetStatus(short token) => StatusOf(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            SetContinuation(continuation, state, token, flags);

        internal void OnDue() => Wake(exception: null);

        private protected override bool OnAbort()
        {
            Loop.RemoveTimer(_timer);
            return true;
        }
    }

    private sealed class TickTimer(Interval interval) : TimerEntry
    {
        protected internal override void OnDue() => interval._wait.OnDue();
    }
}
