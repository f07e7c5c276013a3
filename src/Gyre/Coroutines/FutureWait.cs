using System.Runtime.ExceptionServices;
using System.Threading.Tasks.Sources;
using Gyre.Diagnostics;
using Gyre.LowLevel;

namespace Gyre.Coroutines;

/// <summary>A flow's wait for a future or a coroutine. Cancelled, it leaves the future alone. Those without a value are recycled.</summary>
internal class FutureWait : WaitSource, IValueTaskSource, IFutureObserver
{
    /// <summary>Waits that a loop keeps for reuse; what more flows wait at once is collected as garbage.</summary>
    private const int KeptMax = 1024;

    private Waitable _awaited;

    private protected FutureWait(Waitable awaited)
        : base(awaited.Loop) => _awaited = awaited;

    /// <inheritdoc/>
    public int Place { get; set; }

    private protected Waitable Awaited => _awaited;

    /// <summary>On the loop's thread.</summary>
    public static FutureWait For(Waitable awaited)
    {
        EventLoop loop = awaited.Loop;
        if (loop.FreeFutureWaits is not FutureWait wait)
        {
            return new FutureWait(awaited);
        }

        loop.FreeFutureWaits = wait.NextInScope;
        loop.FreeFutureWaitsCount--;
        wait.NextInScope = null;
        wait._awaited = awaited;
        return wait;
    }

    public ValueTask ParkAsync(CancellationToken token)
    {
        Waitable awaited = _awaited;
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

    public void GetResult(short token)
    {
        // Throws for a stale token, before the wait, which is somebody else's by then, could be given back once more.
        Exception? thrown = EndWait(token);
        Waitable awaited = _awaited;
        EventLoop loop = Loop;
        if (loop.FreeFutureWaitsCount < KeptMax)
        {
            _awaited = null!;
            NextInScope = loop.FreeFutureWaits;
            loop.FreeFutureWaits = this;
            loop.FreeFutureWaitsCount++;
        }

        if (thrown is not null)
        {
            Rethrow(awaited, thrown);
        }
    }

    public ValueTaskSourceStatus GetStatus(short token) => StatusOf(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        SetContinuation(continuation, state, token, flags);

    private protected void TakeOwnOutcome(short token)
    {
        if (EndWait(token) is { } thrown)
        {
            Rethrow(_awaited, thrown);
        }
    }

    private protected override bool OnAbort()
    {
        _awaited.RemoveObserver(this);
        return true;
    }

    /// <summary>
    /// A failure of the future is rethrown with the trace that it had when it settled, or that would grow with everyone who
    /// awaits it.
    /// </summary>
    private static void Rethrow(Waitable awaited, Exception thrown)
    {
        if (thrown == awaited.Thrown)
        {
            awaited.Rethrow();
        }

        ExceptionDispatchInfo.Throw(thrown);
    }
}
