using System.Threading.Tasks.Sources;

namespace Gyre.Coroutines;

/// <summary>
/// A flow's wait for the value of a future, without an async method between: that one's end would leave the loop behind a
/// <c>ConfigureAwait(false)</c>.
/// </summary>
internal sealed class FutureWait<T>(Future<T> awaited) : FutureWait(awaited), IValueTaskSource<T>
{
    public new ValueTask<T> ParkAsync(CancellationToken token)
    {
        base.ParkAsync(token);
        return new ValueTask<T>(this, Version);
    }

    T IValueTaskSource<T>.GetResult(short token)
    {
        TakeOwnOutcome(token);
        return ((Future<T>)Awaited).Value;
    }
}
