using System.Threading.Tasks.Sources;

namespace Gyre.Coroutines;

/// <summary>
/// A wait for the value of a coroutine, without an async method between: that one's end would leave the loop behind a
/// <c>ConfigureAwait(false)</c>.
/// </summary>
internal sealed class JoinWait<T>(Coroutine<T> joined) : JoinWait(joined), IValueTaskSource<T>
{
    public new ValueTask<T> ParkAsync(CancellationToken token)
    {
        base.ParkAsync(token);
        return new ValueTask<T>(this, Version);
    }

    T IValueTaskSource<T>.GetResult(short token)
    {
        TakeOutcome(token);
        return joined.Value;
    }
}
