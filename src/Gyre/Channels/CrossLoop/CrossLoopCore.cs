using System.Diagnostics;
using Gyre.Diagnostics;
using Gyre.Loop;
using Gyre.LowLevel;

namespace Gyre.Channels;

/// <summary>What the ends of a <see cref="CrossLoopChannel{T}"/> share, under one lock. Nobody is woken while it is held.</summary>
[DebuggerDisplay("{Name}: {_items.Count} of {_capacity}")]
internal sealed class CrossLoopCore<T>(int capacity, string name)
{
    private readonly int _capacity = capacity;
    private readonly Lock _gate = new();
    private readonly Queue<T> _items = new();
    private readonly LinkedQueue<RemoteWait<T>> _readers = new();
    private readonly LinkedQueue<RemoteWait<bool>> _writers = new();
    private readonly Dictionary<RemoteWait<bool>, T> _waitingItems = [];
    private readonly LinkedQueue<RemoteWait<bool>> _readWatchers = new();
    private readonly LinkedQueue<RemoteWait<bool>> _writeWatchers = new();
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Exception? _failure;
    private bool _isClosed;

    public string Name => name;

    public Task Completion => _completion.Task;

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _items.Count;
            }
        }
    }

    public ChannelStatistics Statistics
    {
        get
        {
            lock (_gate)
            {
                return new ChannelStatistics(
                    _items.Count, _capacity, _readers.Count + _readWatchers.Count, _writers.Count + _writeWatchers.Count, 1, 1, _isClosed);
            }
        }
    }

    public bool TryRead(out T item)
    {
        var wakes = default(Wakes);
        bool taken;
        lock (_gate)
        {
            taken = TryTake(out item, ref wakes);
        }

        wakes.Deliver();
        return taken;
    }

    public bool TryPeek(out T item)
    {
        lock (_gate)
        {
            return _items.TryPeek(out item!);
        }
    }

    public bool TryWrite(T item) => TryWrite(item, waitsAs: null) == Written.Yes;

    public ValueTask<T> ReadAsync(CancellationToken token)
    {
        if (Refusal(token, out EventLoop? loop, out ScopeContext? context) is { } refusal)
        {
            return ValueTask.FromException<T>(refusal);
        }

        var wakes = default(Wakes);
        RemoteWait<T>? wait = null;
        T item;
        lock (_gate)
        {
            if (!TryTake(out item, ref wakes))
            {
                if (_isClosed)
                {
                    return ValueTask.FromException<T>(ClosedError.Of(this, _failure));
                }

                wait = NewWait<T>(loop);
                _readers.Add(wait);
                WatchersToWake(_writeWatchers, ref wakes);
            }
        }

        wakes.Deliver();
        if (wait is null && MustYield(loop))
        {
            wait = Yielding(NewWait<T>(loop), item);
        }

        return wait is null ? new ValueTask<T>(item) : Begin(wait, context, WaitKind.ChannelRead, token);
    }

    public ValueTask WriteAsync(T item, CancellationToken token)
    {
        if (Refusal(token, out EventLoop? loop, out ScopeContext? context) is { } refusal)
        {
            return ValueTask.FromException(refusal);
        }

        RemoteWait<bool> wait = NewWait<bool>(loop);
        return TryWrite(item, wait) switch
        {
            Written.Yes when MustYield(loop) => WithoutValue(Yielding(wait, true), context, token),
            Written.Yes => default,
            Written.Closed => ValueTask.FromException(ClosedError.Of(this, _failure)),
            _ => WithoutValue(wait, context, token),
        };
    }

    public ValueTask<bool> WaitToReadAsync(CancellationToken token) =>
        WatchAsync(_readWatchers, static core => core._items.Count > 0, isOverWhenEmpty: true, WaitKind.ChannelRead, token);

    public ValueTask<bool> WaitToWriteAsync(CancellationToken token) =>
        WatchAsync(_writeWatchers, static core => core._items.Count < core._capacity, isOverWhenEmpty: false, WaitKind.ChannelWrite, token);

    public bool Close(Exception? failure)
    {
        var wakes = default(Wakes);
        var readers = new List<RemoteWait<T>>();
        lock (_gate)
        {
            if (_isClosed)
            {
                return false;
            }

            _isClosed = true;
            _failure = failure;
            while (TakeFirst(_readers) is { } reader)
            {
                readers.Add(reader);
            }

            while (TakeFirst(_writers) is { } writer)
            {
                _waitingItems.Remove(writer);
                wakes.Add(writer, result: false, ClosedError.Of(this, failure));
            }

            WatchersToWake(_readWatchers, ref wakes, open: _items.Count > 0);
            WatchersToWake(_writeWatchers, ref wakes, open: false);
            CompleteWhenEmpty();
        }

        wakes.Deliver();
        foreach (RemoteWait<T> reader in readers)
        {
            reader.TryDeliver(default!, ClosedError.Of(this, failure));
        }

        return true;
    }

    public override string ToString() => name;

    private static TWait? TakeFirst<TWait>(LinkedQueue<TWait> queue)
        where TWait : Linked<TWait>
    {
        TWait? first = queue.First;
        first?.Leave();
        return first;
    }

    /// <summary>Hands the item over, or stores it; else has <paramref name="waitsAs"/> wait with it, unless that is null.</summary>
    private Written TryWrite(T item, RemoteWait<bool>? waitsAs)
    {
        while (true)
        {
            RemoteWait<T>? reader;
            var wakes = default(Wakes);
            lock (_gate)
            {
                if (_isClosed)
                {
                    return Written.Closed;
                }

                reader = TakeFirst(_readers);
                if (reader is null && !TryStore(item, ref wakes))
                {
                    Queue(waitsAs, item);
                    return Written.No;
                }
            }

            // A reader whose loop has ended can't be given anything; the next one is, or the item is stored.
            wakes.Deliver();
            if (reader is null || reader.TryDeliver(item, failure: null))
            {
                return Written.Yes;
            }
        }
    }

    /// <summary>Under the lock.</summary>
    private void Queue(RemoteWait<bool>? writer, T item)
    {
        if (writer is not null)
        {
            _waitingItems.Add(writer, item);
            _writers.Add(writer);
        }
    }

    /// <summary>Whether the flow has passed so many satisfied waits that its peers have to run.</summary>
    private static bool MustYield(EventLoop? loop) => loop is not null && --loop.Budget <= 0;

    /// <summary>A wait that is over already, but for the way through its loop's ready queue.</summary>
    private static RemoteWait<TResult> Yielding<TResult>(RemoteWait<TResult> wait, TResult result)
    {
        wait.TryDeliver(result, failure: null);
        return wait;
    }

    private ValueTask<bool> WatchAsync(
        LinkedQueue<RemoteWait<bool>> watchers, Func<CrossLoopCore<T>, bool> isReady, bool isOverWhenEmpty, WaitKind kind, CancellationToken token)
    {
        if (Refusal(token, out EventLoop? loop, out ScopeContext? context) is { } refusal)
        {
            return ValueTask.FromException<bool>(refusal);
        }

        RemoteWait<bool>? wait = null;
        lock (_gate)
        {
            bool over = _isClosed && (!isOverWhenEmpty || _items.Count == 0);
            if (over)
            {
                return _failure is null ? new ValueTask<bool>(false) : ValueTask.FromException<bool>(_failure);
            }

            if (!isReady(this))
            {
                wait = NewWait<bool>(loop);
                watchers.Add(wait);
            }
        }

        if (wait is null && MustYield(loop))
        {
            wait = Yielding(NewWait<bool>(loop), true);
        }

        return wait is null ? new ValueTask<bool>(true) : Begin(wait, context, kind, token);
    }

    private async ValueTask WithoutValue(RemoteWait<bool> wait, ScopeContext? context, CancellationToken token)
    {
        context?.Enter();
        try
        {
            await Begin(wait, context, WaitKind.ChannelWrite, token);
        }
        finally
        {
            lock (_gate)
            {
                _waitingItems.Remove(wait);
            }

            context?.Exit();
        }
    }

    /// <summary>The flow's loop and scope, if it has one, and why it may not wait, if so.</summary>
    private static Exception? Refusal(CancellationToken token, out EventLoop? loop, out ScopeContext? context)
    {
        loop = EventLoop.CurrentOrNull;
        context = loop is null ? null : ScopeContext.Resolve(loop);
        if (context is not null)
        {
            return WaitSource.CancellationOf(context, token);
        }

        return token.IsCancellationRequested ? new OperationCanceledException(token) : null;
    }

    private RemoteWait<TResult> NewWait<TResult>(EventLoop? loop) =>
        loop is null ? new RemoteThreadWait<TResult>(_gate) : new RemoteLoopWait<TResult>(loop, _gate);

    /// <summary>Parks. It may have been chosen since it was queued; what was posted for that comes later than this.</summary>
    private ValueTask<TResult> Begin<TResult>(RemoteWait<TResult> wait, ScopeContext? context, WaitKind kind, CancellationToken token)
    {
        if (wait is RemoteLoopWait<TResult> onLoop)
        {
            return onLoop.Begin(context!, kind, this, token);
        }

        var onThread = (RemoteThreadWait<TResult>)wait;
        onThread.Register(token);
        return new ValueTask<TResult>(onThread.Task);
    }

    /// <summary>Under the lock.</summary>
    private bool TryTake(out T item, ref Wakes wakes)
    {
        if (!_items.TryDequeue(out item!))
        {
            return false;
        }

        if (TakeFirst(_writers) is { } writer)
        {
            _waitingItems.Remove(writer, out T? waiting);
            _items.Enqueue(waiting!);
            wakes.Add(writer, result: true, failure: null);
        }
        else
        {
            WatchersToWake(_writeWatchers, ref wakes);
        }

        CompleteWhenEmpty();
        return true;
    }

    /// <summary>Under the lock.</summary>
    private bool TryStore(T item, ref Wakes wakes)
    {
        if (_items.Count == _capacity)
        {
            return false;
        }

        _items.Enqueue(item);
        WatchersToWake(_readWatchers, ref wakes);
        return true;
    }

    /// <summary>Under the lock.</summary>
    private void WatchersToWake(LinkedQueue<RemoteWait<bool>> watchers, ref Wakes wakes, bool open = true)
    {
        while (TakeFirst(watchers) is { } watcher)
        {
            wakes.Add(watcher, open, open ? null : _failure);
        }
    }

    /// <summary>Under the lock; nothing runs inside.</summary>
    private void CompleteWhenEmpty()
    {
        if (_isClosed && _items.Count == 0)
        {
            ClosedError.Settle(_completion, _failure);
        }
    }

    private enum Written
    {
        Yes,
        No,
        Closed,
    }

    /// <summary>Who is to be woken once the lock is left.</summary>
    private struct Wakes
    {
        private List<(RemoteWait<bool> Wait, bool Result, Exception? Failure)>? _list;

        public void Add(RemoteWait<bool> wait, bool result, Exception? failure) => (_list ??= []).Add((wait, result, failure));

        public readonly void Deliver()
        {
            foreach ((RemoteWait<bool> wait, bool result, Exception? failure) in _list ?? [])
            {
                // One whose loop has ended waits no more; its item, if it had one, is stored.
                wait.TryDeliver(result, failure);
            }
        }
    }
}
