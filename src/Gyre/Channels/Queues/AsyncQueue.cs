using System.Diagnostics;
using System.Threading.Channels;
using Gyre.Diagnostics;
using Gyre.Loop;
using Gyre.LowLevel;
using Gyre.Sync;

namespace Gyre.Channels;

/// <summary>
/// A queue of work: items are put and got in an order of choice, each is reported done, and one can wait until all are.
/// </summary>
/// <remarks>
/// Flows that wait are served first-in first-out, with direct hand-over; a cancelled getter loses no item, a cancelled putter
/// puts none. Belongs to the loop that it was made on; members are used on that loop's thread.
/// </remarks>
/// <typeparam name="T">The type of the items.</typeparam>
[DebuggerDisplay("{Statistics}")]
public sealed class AsyncQueue<T> : IAsyncEnumerable<T>, ISource<T>
{
    private readonly EventLoop _loop = EventLoop.Current;
    private readonly ChannelCore<T> _core;
    private readonly WaitQueue<bool> _joins;

    /// <summary>A queue of the current loop.</summary>
    /// <param name="capacity">Items that it holds at most; a put into a full one waits.</param>
    /// <param name="order">Which item is next.</param>
    /// <param name="comparer">For <see cref="QueueOrder.Priority"/>; null for the type's own order.</param>
    /// <param name="name">Its name in the tree and in messages.</param>
    /// <exception cref="ArgumentOutOfRangeException">The capacity isn't above zero.</exception>
    /// <exception cref="InvalidOperationException">The calling code isn't run by a loop.</exception>
    public AsyncQueue(
        int capacity = int.MaxValue, QueueOrder order = QueueOrder.Fifo, IComparer<T>? comparer = null, string? name = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        ItemStore<T> store = order switch
        {
            QueueOrder.Fifo => new FifoStore<T>(),
            QueueOrder.Lifo => new LifoStore<T>(),
            QueueOrder.Priority => new PriorityStore<T>(comparer ?? Comparer<T>.Default),
            _ => throw new ArgumentOutOfRangeException(nameof(order), order, "It is Fifo, Lifo or Priority."),
        };
        _core = new ChannelCore<T>(_loop, store, new(name ?? "a queue", capacity, Accepted: () => Unfinished++));
        _joins = new WaitQueue<bool>(this, kind: WaitKind.Sync);
    }

    /// <summary>Items that are in it.</summary>
    public int Count => _core.Count;

    /// <summary>Items that were put and not yet reported done, whether they were got or not.</summary>
    public long Unfinished { get; private set; }

    /// <summary>Whether <see cref="Shutdown"/> was called.</summary>
    public bool IsShutDown => _core.IsClosed;

    /// <summary>What is in it and who waits.</summary>
    public QueueStatistics Statistics =>
        new(_core.Count, _core.Capacity, Unfinished, _core.ReadersWaiting, _core.WritersWaiting, _joins.Count, IsShutDown);

    EventLoop ISource<T>.Loop => _loop;

    Exception? ISource<T>.Failure => null;

    /// <summary>Puts an item; waits while the queue is full. A checkpoint; goes on at once when it isn't.</summary>
    /// <param name="item">The item. It was put if and only if this returns without an exception.</param>
    /// <param name="cancellationToken">Ends this wait alone.</param>
    /// <exception cref="ChannelClosedException">The queue was shut down, before or while this waited.</exception>
    /// <exception cref="OperationCanceledException">The scope or the token was cancelled; the item wasn't put.</exception>
    /// <exception cref="InvalidOperationException">This isn't its loop's thread.</exception>
    public ValueTask PutAsync(T item, CancellationToken cancellationToken = default)
    {
        ScopeContext context = Enter();
        if (WaitSource.CancellationOf(context, cancellationToken) is { } cancellation)
        {
            return ValueTask.FromException(cancellation);
        }

        if (_core.TryGive(null, item))
        {
            return --_loop.Budget > 0 ? default : _core.Writes.InNextTurn(context);
        }

        return _core.IsClosed ? ValueTask.FromException(_core.Closed()) : _core.Writes.ParkIn(_core, item, context, cancellationToken);
    }

    /// <summary>Puts an item if there is room. Never waits, no checkpoint.</summary>
    /// <returns>False when the queue is full, or was shut down.</returns>
    /// <exception cref="InvalidOperationException">This isn't its loop's thread.</exception>
    public bool TryPut(T item)
    {
        Enter();
        return _core.TryGive(null, item);
    }

    /// <summary>Gets the next item; waits while there is none. A checkpoint; goes on at once when there is one.</summary>
    /// <param name="cancellationToken">Ends this wait alone.</param>
    /// <exception cref="ChannelClosedException">The queue was shut down, and its last item got.</exception>
    /// <exception cref="OperationCanceledException">The scope or the token was cancelled; no item was taken.</exception>
    /// <exception cref="InvalidOperationException">This isn't its loop's thread.</exception>
    public ValueTask<T> GetAsync(CancellationToken cancellationToken = default)
    {
        ScopeContext context = Enter();
        if (WaitSource.CancellationOf(context, cancellationToken) is { } cancellation)
        {
            return ValueTask.FromException<T>(cancellation);
        }

        if (_core.TryTake(null, out T item))
        {
            return --_loop.Budget > 0 ? new ValueTask<T>(item) : _core.Reads.InNextTurn(context, item);
        }

        return _core.IsDone ? ValueTask.FromException<T>(_core.Closed()) : _core.Reads.ParkIn(this, context, cancellationToken);
    }

    /// <summary>Gets the next item if there is one. Never waits, no checkpoint.</summary>
    /// <exception cref="InvalidOperationException">This isn't its loop's thread.</exception>
    public bool TryGet(out T item)
    {
        Enter();
        return _core.TryTake(null, out item);
    }

    /// <summary>Reports that the work on an item that was got is done. Not a checkpoint.</summary>
    /// <exception cref="InvalidOperationException">It was called more often than items were put, or this isn't its loop's thread.</exception>
    public void TaskDone()
    {
        Enter();
        if (Unfinished == 0)
        {
            throw new InvalidOperationException($"TaskDone of {_core.Name} was called more often than items were put; call it once for each item.");
        }

        Finish(1);
    }

    /// <summary>Waits until every item that was put is reported done. A checkpoint; goes on at once when none is left.</summary>
    /// <param name="cancellationToken">Ends this wait alone.</param>
    /// <exception cref="OperationCanceledException">The scope or the token was cancelled.</exception>
    /// <exception cref="InvalidOperationException">This isn't its loop's thread.</exception>
    public ValueTask JoinAsync(CancellationToken cancellationToken = default)
    {
        ScopeContext context = Enter();
        if (WaitSource.CancellationOf(context, cancellationToken) is { } cancellation)
        {
            return ValueTask.FromException(cancellation);
        }

        return Unfinished == 0 ? default : _joins.Enqueue(_loop, context, cancellationToken).Untyped;
    }

    /// <summary>Ends it: puts are refused, and so are gets once it is empty. A second call may still make it immediate. Not a checkpoint.</summary>
    /// <param name="immediate">Whether to drop what is in it, as if done, rather than let it be got.</param>
    /// <exception cref="InvalidOperationException">This isn't its loop's thread.</exception>
    public void Shutdown(bool immediate = false)
    {
        Enter();
        if (immediate)
        {
            int dropped = _core.Count;
            _core.Abandon(failure: null);
            Finish(dropped);
        }
        else
        {
            _core.Close(failure: null);
        }
    }

    /// <summary>Gets items, one after another, until the queue is shut down and empty. The caller reports each done.</summary>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    public async IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            T item;
            try
            {
                item = await GetAsync(cancellationToken);
            }
            catch (ChannelClosedException) when (_core.IsDone)
            {
                yield break;
            }

            yield return item;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => _core.Name;

    bool ISource<T>.IsReady(Select select) => _core.CanTake(select);

    bool ISource<T>.TryTake(Select? select, out T item) => _core.TryTake(select, out item);

    void ISource<T>.Add(Receiver<T> receiver) => _core.Add(receiver);

    private ScopeContext Enter()
    {
        _loop.VerifyAccess(this);
        return ScopeContext.Resolve(_loop);
    }

    private void Finish(int count)
    {
        Unfinished -= count;
        if (Unfinished == 0)
        {
            _joins.GiveAll(true);
        }
    }
}
