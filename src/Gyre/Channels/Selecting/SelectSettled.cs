using Gyre.Coroutines;

namespace Gyre.Channels;

/// <summary>A case that is ready when a future has settled, however it did. Await the future then: it goes on at once.</summary>
public sealed class SelectSettled : SelectCase, IFutureObserver
{
    private readonly Waitable _awaited;

    internal SelectSettled(Select owner, Waitable awaited)
        : base(owner) => _awaited = awaited;

    /// <summary>What is waited for.</summary>
    public Waitable Awaited => _awaited;

    bool IFutureObserver.SeesFailures => false;

    internal override bool IsReady => _awaited.IsDone;

    /// <inheritdoc/>
    public override string ToString() => $"settled: {_awaited}";

    void IFutureObserver.OnSettled(Waitable settled)
    {
        // Whoever is told may look at the failure or not; until it does, the future's scope answers for it.
        settled.KeepUnlessSeen();
        Owner.OnFired(this, failure: null);
    }

    internal override void Take()
    {
    }

    internal override void Begin() => _awaited.AddObserver(this);

    internal override void Withdraw() => _awaited.RemoveObserver(this);
}
