using System.Threading.Tasks.Sources;
using Gyre.Diagnostics;
using Gyre.LowLevel;

namespace Gyre.Coroutines;

/// <summary>A wait for the end of a coroutine. Cancelled, it leaves the coroutine alone.</summary>
internal class JoinWait(Coroutine joined) : WaitSource(joined.Loop), IValueTaskSource
{
    public ValueTask ParkAsync(CancellationToken token)
    {
        Park(WaitKind.Coroutine, joined, token);
        return new ValueTask(this, Version);
    }

    /// <summary>The coroutine has ended; <paramref name="failure"/> is what joining it throws.</summary>
    public void End(Exception? failure) => Wake(failure);

    public void GetResult(short token) => TakeOutcome(token);

    public ValueTaskSourceStatus GetStatus(short token) => StatusOf(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        SetContinuation(continuation, state, token, flags);

    private protected override bool OnAbort()
    {
        joined.RemoveJoiner(this);
        return true;
    }
}
