using System.Collections.Concurrent;
using Gyre.Loop;

namespace Gyre;

public sealed partial class EventLoop
{
    private readonly ConcurrentQueue<ReadyItem> _inbox = new();
    private long _inboxTaken;
    private int _sleeping;
    private volatile bool _closed;

    /// <summary>Queues <paramref name="callback"/> behind what is ready, in the current scope. Never runs it inline.</summary>
    /// <remarks>Loop thread. Not a checkpoint. An exception of the callback goes to the current scope.</remarks>
    /// <exception cref="InvalidOperationException">The calling code isn't run by this loop.</exception>
    public void Post(Action callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        VerifyAccess(this);
        Enqueue(new ReadyItem(FlowedCallback.Invoke, new FlowedCallback(callback), ScopeContext.Resolve(this), RestoreContext: true));
    }

    /// <summary>Queues <paramref name="callback"/> on this loop, in the loop's root scope, and wakes it.</summary>
    /// <remarks>Any thread. First-in first-out per posting thread; none is lost; wakes of many posts coalesce into one.
    /// An exception of the callback ends the loop's run.</remarks>
    /// <exception cref="ObjectDisposedException">The loop has ended.</exception>
    public void PostFromAnyThread(Action callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var item = new ReadyItem(FlowedCallback.Invoke, new FlowedCallback(callback), _root, RestoreContext: true);
        if (!TryPost(item))
        {
            throw new ObjectDisposedException($"EventLoop '{Name}'", $"Loop '{Name}' has ended and runs nothing any more.");
        }
    }

    /// <summary>Queues an item from any thread; false when the loop has ended and won't run it.</summary>
    internal bool TryPost(in ReadyItem item)
    {
        if (t_current == this)
        {
            _ready.Add(item);
            return true;
        }

        if (_closed)
        {
            return false;
        }

        _inbox.Enqueue(item);
        if (_closed)
        {
            // Closing may have emptied the inbox before this item was in it.
            EmptyInboxAfterClose();
            return true;
        }

        if (Volatile.Read(ref _sleeping) != 0 && Interlocked.Exchange(ref _sleeping, 0) != 0)
        {
            _driver.Wake();
        }

        return true;
    }

    /// <summary>Runs <paramref name="callback"/> on the loop and blocks the calling thread until it has.</summary>
    internal void SendFromOtherThread(ScopeContext context, SendOrPostCallback callback, object? state)
    {
        using var done = new ManualResetEventSlim();
        System.Runtime.ExceptionServices.ExceptionDispatchInfo? failure = null;
        context.Post(
            _ =>
            {
                try
                {
                    callback(state);
                }
#pragma warning disable CA1031 // Whatever was thrown is rethrown to the sender.
                catch (Exception exception)
#pragma warning restore CA1031
                {
                    failure = System.Runtime.ExceptionServices.ExceptionDispatchInfo.Capture(exception);
                }

                done.Set();
            },
            null);
        done.Wait();
        failure?.Throw();
    }

    /// <summary>Refuses further posts and gives continuations that are still in the inbox to the pool. After <see cref="Run"/>.</summary>
    internal void Close()
    {
        _closed = true;
        EmptyInboxAfterClose();
        while (_ready.Count > 0)
        {
            RunElsewhere(_ready.Take(1));
        }
    }

    private static void RunElsewhere(ReadyItem item) =>
        new SynchronizationContext().Post(static boxed => ((Action)boxed!)(), new Action(() => item.Callback(item.State)));

    private void EmptyInboxAfterClose()
    {
        while (_inbox.TryDequeue(out ReadyItem item))
        {
            RunElsewhere(item);
        }
    }

    private void TakeInbox()
    {
        // Bounded by what is there now: posters that never pause must not keep the loop from its other work.
        int count = _inbox.IsEmpty ? 0 : _inbox.Count;
        for (int i = 0; i < count && _inbox.TryDequeue(out ReadyItem item); i++)
        {
            _inboxTaken++;
            _ready.Add(item);
        }
    }
}
