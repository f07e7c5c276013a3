using System.Diagnostics;
using Gyre.Diagnostics;
using Gyre.Loop;

namespace Gyre.Sync;

/// <summary>
/// Flows that wait for their turn, first-in first-out: what every primitive of this room is built from. A value is handed to
/// the flow at the head, so nobody can come in between; a wait that was cancelled has left the queue before anybody looks.
/// </summary>
/// <remarks>Used on its loop's thread.</remarks>
/// <typeparam name="T">What is handed over.</typeparam>
/// <param name="owner">What the flows wait for, for the tree.</param>
/// <param name="kind">What sort of thing the owner is.</param>
/// <param name="keptMax">Waits kept for reuse. Where all are woken at once, as many as usually wait; elsewhere a few suffice.</param>
[DebuggerDisplay("Count = {Count}")]
internal sealed class WaitQueue<T>(object owner, int keptMax = 16, WaitKind kind = WaitKind.Sync)
{
    private QueuedWait<T>? _first;
    private QueuedWait<T>? _last;
    private QueuedWait<T>? _kept;
    private int _keptCount;

    /// <summary>How many flows wait.</summary>
    public int Count { get; private set; }

    /// <summary>Told of a wait that was cancelled, once it has left the queue.</summary>
    public Action<QueuedWait<T>>? Aborted { get; init; }

    /// <summary>Who is next; null when nobody waits.</summary>
    public QueuedWait<T>? First => _first;

    /// <summary>Parks the current flow at the end. Cancellation was checked before.</summary>
    public QueuedWait<T> Enqueue(EventLoop loop, ScopeContext context, CancellationToken token, object? tag = null)
    {
        QueuedWait<T> wait = Rent(loop);
        wait.Tag = tag;
        Append(wait);
        wait.Begin(context, kind, owner, token);
        return wait;
    }

    /// <summary>As <see cref="Enqueue"/>, for a wait that no cancellation ends.</summary>
    public QueuedWait<T> EnqueueUncancellable(EventLoop loop, ScopeContext context, object tag)
    {
        QueuedWait<T> wait = Rent(loop);
        wait.Tag = tag;
        wait.IsUncancellable = true;
        Append(wait);
        wait.Begin(context, kind, owner, token: default);
        return wait;
    }

    /// <summary>A wait that is over already, for a flow that has to let its peers run before it goes on with <paramref name="value"/>.</summary>
    public QueuedWait<T> InNextTurn(EventLoop loop, ScopeContext context, T value)
    {
        QueuedWait<T> wait = Rent(loop);
        wait.GiveInNextTurn(context, value);
        return wait;
    }

    /// <summary>Hands <paramref name="value"/> to the flow that has waited longest.</summary>
    /// <returns>False when nobody waits.</returns>
    public bool TryGive(T value)
    {
        if (_first is not { } wait)
        {
            return false;
        }

        Unlink(wait);
        wait.Give(value);
        return true;
    }

    /// <summary>Hands <paramref name="value"/> to everybody who waits now.</summary>
    public void GiveAll(T value)
    {
        for (int count = Count; count > 0; count--)
        {
            TryGive(value);
        }
    }

    /// <summary>Fails everybody who waits now; each gets an exception of its own, since a shared one's trace would grow.</summary>
    public void FailAll(Func<Exception> failure)
    {
        while (_first is { } wait)
        {
            Unlink(wait);
            wait.Fail(failure());
        }
    }

    /// <summary>Hands <paramref name="value"/> to everybody who waits with <paramref name="tag"/>.</summary>
    public void GiveTagged(object tag, T value)
    {
        for (QueuedWait<T>? wait = _first; wait is not null;)
        {
            QueuedWait<T> each = wait;
            wait = wait.Next;
            if (each.Tag == tag)
            {
                Unlink(each);
                each.Give(value);
            }
        }
    }

    /// <summary>Leaves the waits to themselves, because their loop has ended and nothing can wake them.</summary>
    public void Forget()
    {
        _first = null;
        _last = null;
        Count = 0;
    }

    /// <summary>What is waited for by whom, the longest wait first; for statistics.</summary>
    public List<CoroutineNode> Waiters()
    {
        var waiters = new List<CoroutineNode>();
        for (QueuedWait<T>? wait = _first; wait is not null; wait = wait.Next)
        {
            if (wait.Waiter is { } node)
            {
                waiters.Add(node);
            }
        }

        return waiters;
    }

    internal void OnAborted(QueuedWait<T> wait)
    {
        Unlink(wait);
        Aborted?.Invoke(wait);
    }

    internal void Recycle(QueuedWait<T> wait)
    {
        if (_keptCount < keptMax)
        {
            wait.Next = _kept;
            _kept = wait;
            _keptCount++;
        }
    }

    private QueuedWait<T> Rent(EventLoop loop)
    {
        if (_kept is not { } wait || wait.Loop != loop)
        {
            // An object that outlived its loop keeps none of that loop's waits.
            _kept = null;
            _keptCount = 0;
            return new QueuedWait<T>(loop, this);
        }

        _kept = wait.Next;
        _keptCount--;
        wait.Next = null;
        return wait;
    }

    private void Append(QueuedWait<T> wait)
    {
        wait.Previous = _last;
        if (_last is null)
        {
            _first = wait;
        }
        else
        {
            _last.Next = wait;
        }

        _last = wait;
        Count++;
    }

    private void Unlink(QueuedWait<T> wait)
    {
        if (wait.Previous is { } previous)
        {
            previous.Next = wait.Next;
        }
        else
        {
            _first = wait.Next;
        }

        if (wait.Next is { } next)
        {
            next.Previous = wait.Previous;
        }
        else
        {
            _last = wait.Previous;
        }

        wait.Next = null;
        wait.Previous = null;
        Count--;
    }
}
