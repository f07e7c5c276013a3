using System.Runtime.ExceptionServices;
using System.Threading.Tasks.Sources;
using Gyre.Diagnostics;
using Gyre.LowLevel;

namespace Gyre.Coroutines;

/// <summary>A flow's wait for a future or a coroutine. Cancelled, it leaves the future alone.</summary>
internal class FutureWait(Waitable awaited) : WaitSource(awaited.Loop), IValueTaskSource, IFutureObserver
{
    private protected Waitable Awaited => awaited;

    public ValueTask ParkAsync(CancellationToken token)
    {
        if (awaited is ICoroutine coroutine)
        {
            Park(WaitKind.Coroutine, coroutine.Node, token);
        }
        else
        {
            Park(WaitKind.Future, awaited, token);
        }

        return new ValueTask(this, Version);
    }

    /// <summary>It has settled; what it throws is taken from it when the flow goes on.</summary>
    public void OnSettled(Waitable settled) => Wake(settled.Thrown);

    public void GetResult(short token) => TakeOwnOutcome(token);

    public ValueTaskSourceStatus GetStatus(short token) => StatusOf(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        SetContinuation(continuation, state, token, flags);

    /// <summary>
    /// Takes the outcome; a failure of the future is rethrown with the trace that it had when it settled, or that would grow
    /// with everyone who awaits it.
    /// </summary>
    private protected void TakeOwnOutcome(short token)
    {
        if (EndWait(token) is { } thrown)
        {
            if (thrown == awaited.Thrown)
            {
                awaited.Rethrow();
            }

            ExceptionDispatchInfo.Throw(thrown);
        }
    }

    private protected override bool OnAbort()
    {
        awaited.RemoveObserver(this);
        return true;
    }
}
