using System.Diagnostics;
using System.Threading.Channels;
using Gyre.Diagnostics;
using Gyre.Loop;
using Gyre.Sync;

namespace Gyre.Channels;

/// <summary>
/// What channels and queues have in common: items on their way, who waits for one, who waits for room, and the end. Nothing
/// here suspends; the ends do.
/// </summary>
/// <remarks>
/// <para>Items are handed over directly: an item that is written while somebody waits is theirs at once, and no later
/// <c>TryRead</c> can take it; the same for room. Whoever was cancelled has left its queue before anybody looks.</para>
/// <para>It holds that flows wait for an item only while there is none to be had, and for room only while there is none. The
/// exception is a select that waits for both on one channel: it can't trade with itself.</para>
/// <para>Used on its loop's thread.</para>
/// </remarks>
[DebuggerDisplay("{Name}: {_store.Count} of {Capacity}, {_receivers.Count} reading, {_senders.Count} writing, closed = {IsClosed}")]
internal sealed class ChannelCore<T>
{
    private readonly ItemStore<T> _store;
    private readonly ChannelShape<T> _shape;
    private readonly LinkedQueue<Receiver<T>> _receivers = new();
    private readonly LinkedQueue<Sender<T>> _senders = new();
    private TaskCompletionSource? _completion;

    public ChannelCore(EventLoop loop, ItemStore<T> store, ChannelShape<T> shape)
    {
        Loop = loop;
        _store = store;
        _shape = shape;
        ReadWatchers = new WaitQueue<bool>(this, kind: WaitKind.ChannelRead);
        WriteWatchers = new WaitQueue<bool>(this, kind: WaitKind.ChannelWrite);
        Reads = new ReadWaits<T>(loop, this);
        Writes = new WriteWaits<T>(loop, this);
    }

    public EventLoop Loop { get; }

    public string Name => _shape.Name;

    public int Capacity => _shape.Capacity;

    public int Count => _store.Count;

    /// <summary>Flows that want to know when there is something to read, and leave it there.</summary>
    public WaitQueue<bool> ReadWatchers { get; }

    /// <summary>Flows that want to know when there is room.</summary>
    public WaitQueue<bool> WriteWatchers { get; }

    /// <summary>The waits of flows that read.</summary>
    public ReadWaits<T> Reads { get; }

    /// <summary>The waits of flows that write.</summary>
    public WriteWaits<T> Writes { get; }

    public int ReadersWaiting => _receivers.Count + ReadWatchers.Count;

    public int WritersWaiting => _senders.Count + WriteWatchers.Count;

    /// <summary>Whether nothing more is taken in.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Whether nothing more will come out either.</summary>
    public bool IsDone { get; private set; }

    /// <summary>What it was closed with; null when it just was.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Settled when the last item was taken after the close. Any thread.</summary>
    public Task Completion
    {
        get
        {
            TaskCompletionSource source = LazyInitializer.EnsureInitialized(
                ref _completion, static () => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            if (Volatile.Read(ref _isCompletionDue))
            {
                ClosedError.Settle(source, Failure);
            }

            return source.Task;
        }
    }

    private bool _isCompletionDue;

    /// <summary>Whether a reader needn't wait. A select doesn't count what it sends itself.</summary>
    public bool CanTake(Select? select) => _store.Count > 0 || IsDone || FirstSender(select) is not null;

    /// <summary>Whether a writer needn't wait, be it to be refused.</summary>
    public bool CanGive(Select? select) =>
        IsClosed || HasRoom || _shape.FullMode != BoundedChannelFullMode.Wait || FirstReceiver(select) is not null;

    public bool TryTake(Select? select, out T item)
    {
        if (_store.Count > 0)
        {
            item = _store.Take();
            if (IsClosed)
            {
                FinishWhenEmpty();
            }
            else
            {
                FillUp();
            }

            return true;
        }

        if (FirstSender(select) is { } sender)
        {
            item = TakeFrom(sender);
            return true;
        }

        item = default!;
        return false;
    }

    public bool TryPeek(out T item)
    {
        if (_store.Count == 0)
        {
            item = default!;
            return false;
        }

        item = _store.Peek();
        return true;
    }

    /// <summary>Hands the item over, or stores it, or drops one as the channel is told to. False when it has to wait, or the channel is closed.</summary>
    public bool TryGive(Select? select, T item)
    {
        if (IsClosed)
        {
            return false;
        }

        if (FirstReceiver(select) is { } receiver)
        {
            _shape.Accepted?.Invoke();
            _receivers.Remove(receiver);
            receiver.OnGiven(item);
        }
        else if (HasRoom)
        {
            _store.Add(item);
            _shape.Accepted?.Invoke();
            ReadWatchers.GiveAll(true);
        }
        else if (_shape.FullMode != BoundedChannelFullMode.Wait)
        {
            Drop(item);
        }
        else
        {
            return false;
        }

        if (_shape.ClosesAfterOne)
        {
            Close(failure: null);
        }

        return true;
    }

    public void Add(Receiver<T> receiver)
    {
        _receivers.Add(receiver);
        if (Capacity == 0)
        {
            WriteWatchers.GiveAll(true);
        }
    }

    public void Add(Sender<T> sender)
    {
        _senders.Add(sender);
        if (Capacity == 0)
        {
            ReadWatchers.GiveAll(true);
        }
    }

    /// <summary>Takes nothing more in. What is stored is still to be had; who waits to write is refused.</summary>
    /// <returns>False when it was closed already.</returns>
    public bool Close(Exception? failure)
    {
        if (IsClosed)
        {
            return false;
        }

        IsClosed = true;
        Failure = failure;
        while (_senders.First is { } sender)
        {
            _senders.Remove(sender);
            sender.OnEnded(failure);
        }

        EndWatchers(WriteWatchers);
        FinishWhenEmpty();
        return true;
    }

    /// <summary>Closes it and drops what is stored: nobody will take it.</summary>
    public void Abandon(Exception? failure)
    {
        _store.Clear();
        if (!Close(failure))
        {
            FinishWhenEmpty();
        }
    }

    /// <summary>An end was closed while others of its side are open: who waits at it waits no more.</summary>
    public void EndReadsAt(object end)
    {
        for (Receiver<T>? receiver = _receivers.First; receiver is not null;)
        {
            if (receiver.End != end)
            {
                receiver = receiver.Next;
                continue;
            }

            // It may be a case of a select, with which others leave this queue, so the walk begins anew.
            _receivers.Remove(receiver);
            receiver.OnEnded(failure: null);
            receiver = _receivers.First;
        }

        ReadWatchers.GiveTagged(end, false);
    }

    /// <inheritdoc cref="EndReadsAt"/>
    public void EndWritesAt(object end)
    {
        for (Sender<T>? sender = _senders.First; sender is not null;)
        {
            if (sender.End != end)
            {
                sender = sender.Next;
                continue;
            }

            _senders.Remove(sender);
            sender.OnEnded(failure: null);
            sender = _senders.First;
        }

        WriteWatchers.GiveTagged(end, false);
    }

    public ChannelClosedException Closed() => ClosedError.Of(this, Failure);

    public override string ToString() => Name;

    private bool HasRoom => _store.Count < Capacity;

    private Receiver<T>? FirstReceiver(Select? except)
    {
        Receiver<T>? receiver = _receivers.First;
        while (except is not null && receiver is not null && receiver.Select == except)
        {
            receiver = receiver.Next;
        }

        return receiver;
    }

    private Sender<T>? FirstSender(Select? except)
    {
        Sender<T>? sender = _senders.First;
        while (except is not null && sender is not null && sender.Select == except)
        {
            sender = sender.Next;
        }

        return sender;
    }

    private T TakeFrom(Sender<T> sender)
    {
        _senders.Remove(sender);
        T item = sender.Item!;
        sender.Item = default;
        _shape.Accepted?.Invoke();
        sender.OnTaken();
        if (_shape.ClosesAfterOne)
        {
            Close(failure: null);
        }

        return item;
    }

    /// <summary>A store that compares items may refuse one; that is its sender's failure, not that of who made room.</summary>
    private void StoreFrom(Sender<T> sender)
    {
        try
        {
            _store.Add(sender.Item!);
        }
#pragma warning disable CA1031 // Whatever the comparison throws is the sender's to be told.
        catch (Exception refusal)
#pragma warning restore CA1031
        {
            _senders.Remove(sender);
            sender.OnRefused(refusal);
            return;
        }

        TakeFrom(sender);
    }

    /// <summary>An item left: who waits longest to write has the room.</summary>
    private void FillUp()
    {
        while (HasRoom && _senders.First is { } sender)
        {
            StoreFrom(sender);
        }

        if (HasRoom)
        {
            WriteWatchers.GiveAll(true);
        }
    }

    private void Drop(T item)
    {
        T dropped = item;
        if (_shape.FullMode == BoundedChannelFullMode.DropOldest)
        {
            dropped = _store.Take();
            _store.Add(item);
        }
        else if (_shape.FullMode == BoundedChannelFullMode.DropNewest)
        {
            dropped = _store.TakeNewest();
            _store.Add(item);
        }

        _shape.Dropped?.Invoke(dropped);
    }

    private void FinishWhenEmpty()
    {
        if (!IsClosed || IsDone || _store.Count > 0)
        {
            return;
        }

        IsDone = true;
        while (_receivers.First is { } receiver)
        {
            _receivers.Remove(receiver);
            receiver.OnEnded(Failure);
        }

        EndWatchers(ReadWatchers);
        Volatile.Write(ref _isCompletionDue, true);
        if (Volatile.Read(ref _completion) is { } completion)
        {
            ClosedError.Settle(completion, Failure);
        }
    }

    /// <summary>As in the BCL: told false, or thrown what the channel was closed with.</summary>
    private void EndWatchers(WaitQueue<bool> watchers)
    {
        if (Failure is { } failure)
        {
            watchers.FailAll(() => failure);
        }
        else
        {
            watchers.GiveAll(false);
        }
    }
}
