namespace Gyre.Coroutines;

/// <summary>See <see cref="Future.All(IEnumerable{Waitable}, Losers)"/>.</summary>
internal sealed class AllDone : Future
{
    private readonly Combination _parts;
    private int _left;

    public AllDone(Waitable[] parts, Losers losers)
        : base("all of them")
    {
        _left = parts.Length;
        _parts = new Combination(parts, losers, OnPart);
    }

    public Future Begin()
    {
        if (_left == 0)
        {
            TrySettleSucceeded();
        }

        _parts.Begin();
        return this;
    }

    public override bool Cancel(string? reason = null)
    {
        bool cancelled = base.Cancel(reason);
        _parts.LetGo(isSettledByParts: false);
        return cancelled;
    }

    private protected override void VerifySettable() => throw Combination.SettledByParts(this);

    private void OnPart(int index, Waitable settled)
    {
        _left--;
        switch (settled.State)
        {
            case FutureState.Succeeded when _left > 0:
                return;
            case FutureState.Succeeded:
                TrySettleSucceeded();
                break;
            case FutureState.Cancelled:
                TrySettleCancelled((OperationCanceledException)settled.Thrown!);
                break;
            default:
                TrySettleFailed(settled.Thrown!);
                break;
        }

        _parts.LetGo(isSettledByParts: true);
    }
}
