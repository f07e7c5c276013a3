using Gyre.Diagnostics;
using Gyre.Loop;
using Gyre.Time;

namespace Gyre;

public sealed partial class EventLoop
{
    private long _blockingWaits;

    /// <summary>Whether something could run if the thread weren't blocked: ready work, posts, or a timer that is due.</summary>
    internal bool HasWorkItCannotRun =>
        _ready.Count > 0 || !_inbox.IsEmpty || (_timers.Count > 0 && _timers.NextDue <= _driver.GetTimestamp());

    /// <summary>Whether the thread pool has nothing to do. Tests that share a process, and so the pool, put their own answer here.</summary>
    internal Func<bool> IsPoolIdle { get; set; } = ThreadPoolIsIdle;

    internal void CountBlockingWait() => _blockingWaits++;

    /// <summary>Whether flows of this loop wait for a timer, a socket or the like: once woken, they might end somebody's wait.</summary>
    internal bool WaitsForAnything()
    {
        var parked = new List<(ParkedWait Wait, CoroutineNode? Waiter)>();
        _root.CollectParked(parked);
        return parked.Any(static entry => !IsJoin(entry.Wait)) || PendingCallbacks().Any();
    }

    /// <summary>
    /// What nobody but this loop will run: the continuations of waits that are parked on it, what is ready, what was posted,
    /// and the timers that call back.
    /// </summary>
    internal IEnumerable<object> WorkOfItsOwn() => Work(static _ => true);

    /// <summary>
    /// As <see cref="WorkOfItsOwn"/>, without the flows that wait for <paramref name="blocked"/> to end: what they do comes after
    /// the wait that it is in, and can't be what that waits for.
    /// </summary>
    internal IEnumerable<object> WorkNotHeldUpBy(CoroutineNode? blocked)
    {
        var blockedAndAround = new HashSet<CoroutineNode>();
        for (CoroutineNode? node = blocked; node is not null; node = node.Parent)
        {
            blockedAndAround.Add(node);
        }

        return Work(entry => !IsJoin(entry.Wait) || !blockedAndAround.Contains(JoinedBy(entry)!));
    }

    /// <summary>A group has no node of its own; it is held up by what holds up the coroutine that waits for its children.</summary>
    private static CoroutineNode? JoinedBy((ParkedWait Wait, CoroutineNode? Waiter) entry) =>
        entry.Wait.Description.Subject as CoroutineNode ?? entry.Waiter;

    private static bool IsJoin(ParkedWait wait) => wait.Description.Kind is WaitKind.Coroutine or WaitKind.Children;

    private List<object> Work(Func<(ParkedWait Wait, CoroutineNode? Waiter), bool> predicate)
    {
        var parked = new List<(ParkedWait Wait, CoroutineNode? Waiter)>();
        _root.CollectParked(parked);
        var ready = new List<ReadyItem>(_inbox);
        _ready.CollectItems(ready);
        return
        [
            .. parked.Where(predicate).Select(static entry => entry.Wait.Continuation).OfType<object>(),
            .. ready.Select(static item => item.State ?? item.Callback),
            .. PendingCallbacks(),
        ];
    }

    private IEnumerable<TimerEntry> PendingCallbacks()
    {
        var timers = new List<TimerEntry>();
        _timers.CollectEntries(timers);
        return timers.Where(static entry => entry is LoopTimer or TimerHandle.CallbackTimer);
    }

#pragma warning disable RS0030 // The pool is looked at, not used.
    internal static bool ThreadPoolIsIdle()
    {
        ThreadPool.GetMaxThreads(out int most, out _);
        ThreadPool.GetAvailableThreads(out int free, out _);

        // A loop that was started on a thread of the pool keeps that one busy itself.
        int own = Thread.CurrentThread.IsThreadPoolThread ? 1 : 0;
        return ThreadPool.PendingWorkItemCount == 0 && free + own >= most;
    }
#pragma warning restore RS0030
}
