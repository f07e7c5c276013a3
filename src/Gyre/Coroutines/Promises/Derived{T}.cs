using Gyre.Coroutines;
using Gyre.Loop;

namespace Gyre.Promises;

/// <summary>A future that settles by what a handler makes of another one.</summary>
internal sealed class Derived<T>(Waitable source, Action<Derived<T>> handle, FutureState? onlyOn)
    : Future<T>(ScopeContext.Resolve(EventLoop.Current), "a continuation"), IFutureObserver
{
    /// <summary>Dropped once it has settled: of an endless chain only the end is kept. The handler goes with it.</summary>
    private Waitable? _source = source;

    private Action<Derived<T>>? _handle = handle;
    private Follower? _follower;

    public Future<T> Begin()
    {
        Waitable source = _source!;
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
        bool cancelled = base.Cancel(reason);
        if (cancelled)
        {
            _source?.RemoveObserver(this);
            _follower?.LetGo();
            _follower = null;
        }

        return cancelled;
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

        // A handler may have cancelled it, and then nobody would take the follower out again.
        if (IsDone)
        {
            other.KeepUnlessSeen();
            return;
        }

        _follower = new Follower(this, other);
        other.AddObserver(_follower);
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

    private protected override void VerifySettable() => throw new InvalidOperationException(
        $"'{this}' settles as its handler says. Settle a Future of your own, or cancel the continuation.");

    private void Run()
    {
        Waitable source = _source!;
        Action<Derived<T>> handle = _handle!;
        _source = null;
        _handle = null;
        if (IsDone)
        {
            // Cancelled meanwhile: the handler's work isn't wanted any more, and a failure is still to be seen.
            source.KeepUnlessSeen();
            return;
        }

        source.KeepUnless(isSeen: true);

        if (onlyOn is { } state && source.State != state)
        {
            SettleAs(source);
            return;
        }

        try
        {
            handle(this);
        }
        catch (Exception end) when (Scope.IsEndByCancellation(end))
        {
            TrySettleCancelled(end as OperationCanceledException ?? (OperationCanceledException)end.InnerException!);
        }
#pragma warning disable CA1031 // It is the new future's failure.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            TrySettleFailed(failure);
        }
    }

    private sealed class Follower(Derived<T> next, Waitable followed) : IFutureObserver
    {
        public bool SeesFailures => false;

        public void OnSettled(Waitable settled) => Later.Run(settled.Loop, this, static follower => follower.Settle());

        public void LetGo() => followed.RemoveObserver(this);

        private void Settle()
        {
            followed.KeepUnless(isSeen: !next.IsDone);
            next._follower = null;
            next.SettleAs(followed);
        }
    }
}
