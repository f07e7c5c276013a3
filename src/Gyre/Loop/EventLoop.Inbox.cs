using System.Collections.Concurrent;
using Gyre.Loop;

namespace Gyre;

public sealed partial class EventLoop
{
    /// <summary>Turns that work which was posted as the loop ended gets to come to its end; a chain of awaits takes one for each.</summary>
    private const int LastTurns = 64;

    private readonly ConcurrentQueue<ReadyItem> _inbox = new();
    private readonly CancellationTokenSource _ended = new();
    private long _inboxTaken;
    private int _sleeping;
    private int _posting;
    private volatile bool _closed;

    /// <summary>Cancelled when the loop has ended and runs nothing any more. Any thread.</summary>
    internal CancellationToken Ended => _ended.Token;

    /// <summary>Whether no work is ready. Loop thread.</summary>
    internal bool HasNothingReady => _ready.Count == 0;

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

        // Closing waits until nobody is between these two, so that what was accepted is run, and the driver is there to wake.
        Interlocked.Increment(ref _posting);
        bool accepted = !_closed;
        if (accepted)
        {
            _inbox.Enqueue(item);

            // A full fence: either the loop sees the item before it sleeps, or this thread sees that it sleeps.
            if (Interlocked.CompareExchange(ref _sleeping, 0, 1) != 0)
            {
                _driver.Wake();
            }
        }

        Interlocked.Decrement(ref _posting);
        return accepted;
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

    /// <summary>
    /// Refuses further posts and runs those that were accepted. On the loop's thread, after <see cref="Run"/> and before the
    /// driver is disposed. What is ready for longer than <see cref="LastTurns"/> belongs to flows that were given up.
    /// </summary>
    internal void Close()
    {
        if (_closed)
        {
            return;
        }

        _closed = true;

        // A full fence: either a poster sees that the loop is closed, or this thread sees that somebody posts.
        Interlocked.MemoryBarrier();
        var spinner = default(SpinWait);
        while (Volatile.Read(ref _posting) != 0)
        {
            spinner.SpinOnce();
        }

        RunLastTurns();
        _ended.Cancel();
        _batons?.GiveUpAll();
    }

    private void RunLastTurns()
    {
        SynchronizationContext? outerContext = SynchronizationContext.Current;
        t_current = this;
        try
        {
            // A loop that died still has flows that wait; the others have cancelled theirs before.
            _root.Cancel("the loop has ended");
            TakeInbox();
            for (int turn = 0; turn < LastTurns && _ready.Count > 0; turn++)
            {
                RunReady();
            }
        }
#pragma warning disable CA1031 // A driver that died may refuse to cancel; the failure joins the one that it died of.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            FailRun(failure);
        }
        finally
        {
            t_current = null;
            SynchronizationContext.SetSynchronizationContext(outerContext);
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
