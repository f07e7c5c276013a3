using System.Threading.Tasks.Sources;

namespace Gyre.Coroutines;

/// <summary>A flow's wait for a foreign task that it may abandon.</summary>
internal class ForeignWait(FollowedTask followed) : FutureWait(followed.Future), IValueTaskSource
{
    public ValueTask BeginAsync(CancellationToken token)
    {
        ValueTask waiting = ParkAsync(token);
        if (IsParked)
        {
            Awaited.AddObserver(this);
        }

        return waiting;
    }

    void IValueTaskSource.GetResult(short token) => TakeOwnOutcome(token);

    private protected override bool OnAbort()
    {
        followed.OnAbandoned(Context!);
        return base.OnAbort();
    }
}
