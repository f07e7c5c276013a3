using Gyre.Coroutines;
using Gyre.Loop;

namespace Gyre.Promises;

/// <summary>A future that settles by what a handler makes of another one.</summary>
internal sealed class Derived<T>(Waitable source, Action<Derived<T>> handle, FutureState? onlyOn)
    : Future<T>(ScopeContext.Resolve(EventLoop.Current), name: null), IFutureObserver
{
    public Future<T> Begin()
    {
        Loop.VerifySame(source, source.Loop);
        source.AddObserver(this);
        return this;
    }

    /// <summary>Not before the handler has run, or the failure has passed on; when neither happens it is nobody's yet.</summary>
    public bool SeesFailures => false;

    public void OnSettled(Waitable settled) =>
        Loop.Enqueue(new ReadyItem(static self => ((Derived<T>)self!).Run(), this, Scope, RestoreContext: true));

    public override bool Cancel(string? reason = null)
    {
        source.RemoveObserver(this);
        return base.Cancel(reason);
    }

    public void Settle(T value) => TrySettleWith(value);

    /// <summary>Settles as <paramref name="other"/> will; waiting for itself would never end.</summary>
    public void Follow(Future<T>? other)
    {
        if (other is null)
        {
            throw new InvalidOperationException("A handler returned null instead of a future or task.");
        }

        if (other == this)
        {
            throw new InvalidOperationException("A handler returned the very future that waits for it, which would never end.");
        }

        other.AddObserver(new Follower(this));
    }

    /// <summary>Settles as <paramref name="other"/> has.</summary>
    public void SettleAs(Waitable other)
    {
        switch (other.State)
        {
            case FutureState.Succeeded:
                TrySettleWith(((Future<T>)other).Value);
                break;
            case FutureState.Failed:
                TrySettleFailed(other.Thrown!);
                break;
            default:
                TrySettleCancelled((OperationCanceledException)other.Thrown!);
                break;
        }
    }

    private void Run()
    {
        if (IsDone)
        {
            // Cancelled meanwhile: the handler's work isn't wanted any more, and a failure is still to be seen.
            source.KeepUnlessSeen();
            return;
        }

        source.KeepUnless(isSeen: true);

        if (onlyOn is { } state && source.State != state)
        {
            PassOn();
            return;
        }

        try
        {
            handle(this);
        }
#pragma warning disable CA1031 // It is the new future's failure.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            TrySettleFailed(failure);
        }
    }

    /// <summary>What the handler isn't for: a value past <c>Catch</c>, a failure or cancellation past <c>Then</c>.</summary>
    private void PassOn()
    {
        if (source.State == FutureState.Succeeded)
        {
            TrySettleWith(((Future<T>)source).Value);
        }
        else if (source.State == FutureState.Failed)
        {
            TrySettleFailed(source.Thrown!);
        }
        else
        {
            TrySettleCancelled((OperationCanceledException)source.Thrown!);
        }
    }

    private sealed class Follower(Derived<T> next) : IFutureObserver
    {
        public bool SeesFailures => false;

        public void OnSettled(Waitable settled)
        {
            settled.KeepUnless(isSeen: !next.IsDone);
            next.SettleAs(settled);
        }
    }
}
