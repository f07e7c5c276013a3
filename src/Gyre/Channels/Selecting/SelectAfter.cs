using Gyre.Time;

namespace Gyre.Channels;

/// <summary>A case that is ready when a time has passed since the select began to wait.</summary>
public sealed class SelectAfter : SelectCase
{
    private readonly DelayTimer _timer;
    private TimeSpan _delay;

    internal SelectAfter(Select owner, TimeSpan delay)
        : base(owner)
    {
        _delay = Checked(delay);
        _timer = new DelayTimer(this);
    }

    /// <summary>How long, counted anew in each wait; <see cref="Timeout.InfiniteTimeSpan"/> for never. May be changed between two waits.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The delay is negative.</exception>
    /// <exception cref="InvalidOperationException">The select waits now.</exception>
    public TimeSpan Delay
    {
        get => _delay;
        set
        {
            Owner.VerifyIdle();
            _delay = Checked(value);
        }
    }

    internal override bool IsReady => _delay == TimeSpan.Zero;

    /// <inheritdoc/>
    public override string ToString() => $"after {_delay}";

    internal override void Take()
    {
    }

    internal override void Begin()
    {
        long deadline = Deadline.After(Owner.Loop.Now, _delay);
        if (deadline != Deadline.Never)
        {
            Owner.Loop.AddTimer(_timer, deadline);
        }
    }

    internal override void Withdraw() => Owner.Loop.RemoveTimer(_timer);

    private static TimeSpan Checked(TimeSpan delay)
    {
        Deadline.After(0, delay);
        return delay;
    }

    private sealed class DelayTimer(SelectAfter self) : TimerEntry
    {
        protected internal override void OnDue() => self.Owner.OnFired(self, failure: null);
    }
}
