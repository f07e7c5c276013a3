using System.Runtime.ExceptionServices;
using System.Threading.Tasks.Sources;
using Gyre.Diagnostics;
using Gyre.Loop;
using Gyre.LowLevel;
using Gyre.Sync;

namespace Gyre.Offloading;

/// <summary>One piece of offloaded work: the thread that does it, and the flow that waits for it.</summary>
internal sealed class OffloadRun<T>(OffloadedWork offloaded, Func<OffloadedWork, T> work, BorrowedToken place, bool abandonOnCancel)
    : IThreadPoolWorkItem
{
    private readonly EventLoop _loop = EventLoop.Current;
    private readonly ScopeContext _scope = ScopeContext.Resolve(EventLoop.Current);
    private readonly ExecutionContext? _flowed = ExecutionContext.Capture();
    private EndWait? _wait;
    private T? _result;
    private Exception? _failure;
    private bool _isAbandoned;

    public ValueTask<T> RunAsync(CancellationToken token)
    {
        _wait = new EndWait(this);
        ValueTask<T> waiting = _wait.BeginAsync(_scope, token);
#pragma warning disable RS0030 // The one place where work is sent to the pool.
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
#pragma warning restore RS0030
        return waiting;
    }

    /// <summary>On a thread of the pool.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        if (_flowed is null)
        {
            DoWork();
        }
        else
        {
            ExecutionContext.Run(_flowed, static self => ((OffloadRun<T>)self!).DoWork(), this);
        }

        // A loop that has ended waits for nobody.
        _loop.TryPost(new ReadyItem(static self => ((OffloadRun<T>)self!).OnEnded(), this, _scope, RestoreContext: false));
    }

    private void DoWork()
    {
        try
        {
            _result = work(offloaded);
        }
#pragma warning disable CA1031 // Rethrown to whoever waits.
        catch (Exception thrown)
#pragma warning restore CA1031
        {
            _failure = thrown;
        }
    }

    /// <summary>On the loop.</summary>
    private void OnEnded()
    {
        place.Dispose();
        if (!_isAbandoned)
        {
            _wait!.End(_failure);
        }
        else if (_failure is { } failure and not OperationCanceledException)
        {
            _scope.Fail(failure);
        }
    }

    /// <summary>Whether the flow may leave now.</summary>
    private bool OnCancelled()
    {
        offloaded.Cancel();
        if (abandonOnCancel)
        {
            _isAbandoned = true;
            offloaded.Abandon();
        }

        return abandonOnCancel;
    }

    private sealed class EndWait(OffloadRun<T> run) : WaitSource(run._loop), IValueTaskSource<T>
    {
        public ValueTask<T> BeginAsync(ScopeContext scope, CancellationToken token)
        {
            ParkIn(scope, WaitKind.Offload, run.Subject, token);
            return new ValueTask<T>(this, Version);
        }

        public void End(Exception? failure) => Wake(failure);

        public T GetResult(short token)
        {
            if (EndWait(token) is { } failure)
            {
                ExceptionDispatchInfo.Throw(failure);
            }

            return run._result!;
        }

        public ValueTaskSourceStatus GetStatus(short token) => StatusOf(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            SetContinuation(continuation, state, token, flags);

        private protected override bool OnAbort() => run.OnCancelled();
    }

    private object Subject => offloaded;
}
