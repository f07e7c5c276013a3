using System.Runtime.ExceptionServices;
using System.Threading.Tasks.Sources;
using Gyre.Diagnostics;
using Gyre.Loop;
using Gyre.LowLevel;
using Gyre.Time;

namespace Gyre.Coroutines;

/// <summary>The waits of yield and sleep: recycled by their loop, so that neither allocates in steady state.</summary>
internal sealed class PooledWait : WaitSource, IValueTaskSource
{
    /// <summary>Waits that a loop keeps for reuse; what more coroutines sleep at once is collected as garbage when they wake.</summary>
    private const int KeptMax = 1024;

    private readonly SleepTimer _timer;

    private PooledWait(EventLoop loop)
        : base(loop) => _timer = new SleepTimer(this);

    public static ValueTask YieldAsync(ScopeContext context)
    {
        if (context.IsCancelled)
        {
            return ValueTask.FromException(context.CreateCancellation());
        }

        PooledWait wait = Rent(context.Loop);
        wait.GoOnInNextTurn(context);
        return new ValueTask(wait, wait.Version);
    }

    public static ValueTask SleepAsync(ScopeContext context, TimeSpan delay, CancellationToken token)
    {
        EventLoop loop = context.Loop;
        long deadline = Deadline.After(loop.Now, delay);
        if (CancellationOf(context, token) is { } cancellation)
        {
            return ValueTask.FromException(cancellation);
        }

        if (delay == TimeSpan.Zero)
        {
            return YieldAsync(context);
        }

        PooledWait wait = Rent(loop);
        wait.ParkIn(context, WaitKind.Timer, null, token);

        // The token may have ended the wait while it parked; a timer queued now would wake whoever has the wait next.
        if (deadline != Deadline.Never && wait.IsParked)
        {
            loop.AddTimer(wait._timer, deadline);
        }

        return new ValueTask(wait, wait.Version);
    }

    public void GetResult(short token)
    {
        // Throws for a stale token, before the wait, which is somebody else's by then, could be given back once more.
        Exception? exception = EndWait(token);
        EventLoop loop = Loop;
        if (loop.FreeWaitsCount < KeptMax)
        {
            NextInScope = loop.FreeWaits;
            loop.FreeWaits = this;
            loop.FreeWaitsCount++;
        }

        if (exception is not null)
        {
            ExceptionDispatchInfo.Throw(exception);
        }
    }

    public ValueTaskSourceStatus GetStatus(short token) => StatusOf(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        SetContinuation(continuation, state, token, flags);

    private protected override bool OnAbort()
    {
        Loop.RemoveTimer(_timer);
        return true;
    }

    /// <summary>On the loop's thread: both waits begin with what the loop runs.</summary>
    private static PooledWait Rent(EventLoop loop)
    {
        if (loop.FreeWaits is not PooledWait wait)
        {
            return new PooledWait(loop);
        }

        loop.FreeWaits = wait.NextInScope;
        loop.FreeWaitsCount--;
        wait.NextInScope = null;
        return wait;
    }

    private sealed class SleepTimer(PooledWait wait) : TimerEntry
    {
        protected internal override void OnDue() => wait.Wake(exception: null);
    }
}
