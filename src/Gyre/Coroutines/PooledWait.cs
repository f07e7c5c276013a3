using System.Threading.Tasks.Sources;
using Gyre.Diagnostics;
using Gyre.LowLevel;
using Gyre.Time;

namespace Gyre.Coroutines;

/// <summary>The waits of yield and sleep: recycled, so that neither allocates in steady state.</summary>
internal sealed class PooledWait : WaitSource, IValueTaskSource
{
    /// <summary>Waits kept for reuse on each thread; sleeping coroutines beyond it are collected as garbage when they wake.</summary>
    private const int KeptMax = 1024;

    [ThreadStatic]
    private static Stack<PooledWait>? t_free;

    private readonly SleepTimer _timer;

    private PooledWait(EventLoop loop)
        : base(loop) => _timer = new SleepTimer(this);

    public static ValueTask YieldAsync(EventLoop loop)
    {
        if (CancellationOf(loop, default) is { } cancellation)
        {
            return ValueTask.FromException(cancellation);
        }

        PooledWait wait = Rent(loop);
        wait.Park(WaitKind.Turn, null, default);
        wait.Wake(exception: null);
        return new ValueTask(wait, wait.Version);
    }

    public static ValueTask SleepAsync(EventLoop loop, TimeSpan delay, CancellationToken token)
    {
        if (delay == TimeSpan.Zero)
        {
            return token.IsCancellationRequested ? ValueTask.FromCanceled(token) : YieldAsync(loop);
        }

        long deadline = Deadline.After(loop.Now, delay);
        if (CancellationOf(loop, token) is { } cancellation)
        {
            return ValueTask.FromException(cancellation);
        }

        PooledWait wait = Rent(loop);
        wait.Park(WaitKind.Timer, null, token);
        if (deadline != Deadline.Never)
        {
            loop.AddTimer(wait._timer, deadline);
        }

        return new ValueTask(wait, wait.Version);
    }

    public void GetResult(short token)
    {
        try
        {
            TakeOutcome(token);
        }
        finally
        {
            if (!IsInUse)
            {
                Return();
            }
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

    private static PooledWait Rent(EventLoop loop)
    {
        Stack<PooledWait>? free = t_free;
        while (free is not null && free.TryPop(out PooledWait? wait))
        {
            if (wait.Loop == loop)
            {
                return wait;
            }
        }

        return new PooledWait(loop);
    }

    private void Return()
    {
        Stack<PooledWait> free = t_free ??= new Stack<PooledWait>();
        if (free.Count < KeptMax)
        {
            free.Push(this);
        }
    }

    private sealed class SleepTimer(PooledWait wait) : TimerEntry
    {
        protected internal override void OnDue() => wait.Wake(exception: null);
    }
}
