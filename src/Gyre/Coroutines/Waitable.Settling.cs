using System.Runtime.ExceptionServices;
using Gyre.Coroutines;
using Gyre.Loop;

namespace Gyre;

/// <summary>Settling, and who is told of it.</summary>
public abstract partial class Waitable : ILostFailure
{
    /// <summary>Who is told; once it has settled, the task of its failure, if somebody awaited it then.</summary>
    private object? _observers;

    private bool _isObserved;
    private bool _isKept;

    Exception? ILostFailure.Unseen => _isObserved ? null : Thrown;

    /// <summary>Takes a waiter or callback out.</summary>
    internal void RemoveObserver(IFutureObserver observer)
    {
        if (_observers == observer)
        {
            _observers = null;
        }
        else if (_observers is ObserverList many)
        {
            many.Remove(observer);
        }
    }

    /// <summary>Has <paramref name="observer"/> told when it settles; told in the order in which they were added.</summary>
    internal void AddObserver(IFutureObserver observer)
    {
        if (IsDone)
        {
            _isObserved |= observer.SeesFailures;
            observer.OnSettled(this);
            return;
        }

        switch (_observers)
        {
            case null:
                _observers = observer;
                break;
            case ObserverList many:
                many.Add(observer);
                break;
            case IFutureObserver first:
                var both = new ObserverList();
                both.Add(first);
                both.Add(observer);
                _observers = both;
                break;
        }
    }

    /// <summary>Nobody has looked so far; if it stays so, its scope answers for the failure when it closes.</summary>
    internal void KeepUnlessSeen()
    {
        if (_state == FutureState.Failed && !_isObserved && !_isKept)
        {
            _isKept = true;
            _scope.KeepUntilClosed(this);
        }
    }

    /// <summary>As <see cref="KeepUnlessSeen"/>, for one that may have been seen just now.</summary>
    internal void KeepUnless(bool isSeen)
    {
        _isObserved |= isSeen;
        KeepUnlessSeen();
    }

    /// <summary>Takes out every callback that <paramref name="matches"/>.</summary>
    /// <returns>How many there were.</returns>
    private protected int RemoveObservers(Predicate<IFutureObserver> matches)
    {
        Loop.VerifyAccess(this);
        switch (_observers)
        {
            case ObserverList many:
                return many.RemoveAll(matches);
            case IFutureObserver only when matches(only):
                _observers = null;
                return 1;
            default:
                return 0;
        }
    }

    private protected bool TrySettleSucceeded() => TrySettle(FutureState.Succeeded, null);

    private protected bool TrySettleFailed(Exception failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        return TrySettle(FutureState.Failed, failure);
    }

    private protected bool TrySettleCancelled(OperationCanceledException cancellation) => TrySettle(FutureState.Cancelled, cancellation);

    internal bool SettleFailed(Exception failure) => TrySettleFailed(failure);

    internal void SettleCancelled(OperationCanceledException cancellation) => TrySettleCancelled(cancellation);

    /// <summary>Whoever settles it twice has lost track; the message says how it settled first.</summary>
    private protected InvalidOperationException SettledAlready() =>
        new($"{this} has settled already ({_state}); it settles once. TrySet… tells by its result instead of throwing.");

    /// <summary>A failure that its owner is told of anyway is nobody else's to report.</summary>
    private protected void MarkObserved() => _isObserved = true;

    /// <summary>
    /// A task that throws <paramref name="thrown"/>. The one of its own failure is kept: each new one would capture the trace
    /// that the last awaiter left, which would grow with every await.
    /// </summary>
    private protected Task RefusalOf(Exception thrown) =>
        thrown == Thrown ? (Task)(_observers ??= TaskOf(thrown)) : TaskOf(thrown);

    /// <summary>A failed task of the type that an awaiter of this future takes.</summary>
    private protected virtual Task TaskOf(Exception thrown) => Task.FromException(thrown);

    private bool TrySettle(FutureState state, Exception? thrown)
    {
        Loop.VerifyAccess(this);
        if (IsDone)
        {
            return false;
        }

        _state = state;
        if (thrown is not null)
        {
            _thrown = ExceptionDispatchInfo.Capture(thrown);
        }

        object? observers = _observers;
        _observers = null;
        switch (observers)
        {
            case IFutureObserver only:
                _isObserved |= only.SeesFailures;
                only.OnSettled(this);
                break;
            case ObserverList { Count: > 0 } many:
                foreach (IFutureObserver observer in many.All())
                {
                    _isObserved |= observer.SeesFailures;
                    observer.OnSettled(this);
                }

                break;
            default:
                KeepUnlessSeen();
                break;
        }

        return true;
    }
}
