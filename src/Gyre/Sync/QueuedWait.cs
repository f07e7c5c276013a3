using System.Runtime.ExceptionServices;
using System.Threading.Tasks.Sources;
using Gyre.Diagnostics;
using Gyre.Loop;
using Gyre.LowLevel;

namespace Gyre.Sync;

/// <summary>A flow's wait in a <see cref="WaitQueue{T}"/>, which hands it a value. Recycled by its queue.</summary>
/// <typeparam name="T">What is handed over.</typeparam>
internal sealed class QueuedWait<T> : WaitSource, IValueTaskSource<T>, IValueTaskSource
{
    private readonly WaitQueue<T> _queue;
    private T? _value;

    public QueuedWait(EventLoop loop, WaitQueue<T> queue)
        : base(loop) => _queue = queue;

    /// <summary>Neighbours in the queue, and the next of those kept for reuse. Written by the queue alone.</summary>
    public QueuedWait<T>? Next { get; set; }

    /// <inheritdoc cref="Next"/>
    public QueuedWait<T>? Previous { get; set; }

    /// <summary>What its queue's owner tells waits apart by.</summary>
    public object? Tag { get; set; }

    /// <summary>Whether it goes on waiting in a cancelled scope.</summary>
    public bool IsUncancellable { get; set; }

    public ValueTask<T> Typed => new(this, Version);

    public ValueTask Untyped => new(this, Version);

    public void Begin(ScopeContext context, WaitKind kind, object subject, CancellationToken token) =>
        ParkIn(context, kind, subject, token);

    public void GiveInNextTurn(ScopeContext context, T value)
    {
        _value = value;
        GoOnInNextTurn(context);
    }

    public void Give(T value)
    {
        _value = value;
        Wake(exception: null);
    }

    public void Fail(Exception failure) => Wake(failure);

    T IValueTaskSource<T>.GetResult(short token) => TakeValue(token);

    void IValueTaskSource.GetResult(short token) => TakeValue(token);

    public ValueTaskSourceStatus GetStatus(short token) => StatusOf(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        SetContinuation(continuation, state, token, flags);

    private protected override bool OnAbort()
    {
        if (IsUncancellable)
        {
            return false;
        }

        _queue.OnAborted(this);
        return true;
    }

    private T TakeValue(short token)
    {
        // Throws for a stale token, before the wait, which is somebody else's by then, could be given back once more.
        Exception? failure = EndWait(token);
        T value = _value!;
        _value = default;
        Tag = null;
        IsUncancellable = false;
        _queue.Recycle(this);
        if (failure is not null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }

        return value;
    }
}
