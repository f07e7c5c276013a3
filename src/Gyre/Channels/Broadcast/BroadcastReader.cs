using System.Diagnostics;
using Gyre.Loop;

namespace Gyre.Channels;

/// <summary>
/// One subscription of a <see cref="BroadcastChannel{T}"/>: it sees every item that is written from when it was made, unless it falls behind by more
/// than the channel stores.
/// </summary>
/// <inheritdoc cref="SourceReader{T}" path="/remarks"/>
/// <typeparam name="T">The type of the items.</typeparam>
[DebuggerDisplay("{ToString(),nq}: {_next} of {_core.Written}")]
public sealed class BroadcastReader<T> : SourceReader<T>
{
    private readonly BroadcastCore<T> _core;
    private readonly LinkedQueue<Receiver<T>> _receivers = new();
    private long _next;
    private bool _isClosed;

    internal BroadcastReader(BroadcastCore<T> core)
        : base(core.Loop)
    {
        _core = core;
        _next = core.Written;
        core.Readers.Add(this);
    }

    /// <summary>Items that were overwritten before this reader came to them, since it was made.</summary>
    public long Missed { get; private set; }

    /// <summary>Items that it can still read.</summary>
    public override int Count => OnHome(_ => (int)Math.Min(_core.Written - _next, _core.Capacity));

    /// <inheritdoc/>
    /// <remarks>Settles when the channel is closed, read or not. Any thread.</remarks>
    public override Task Completion => _core.Completion;

    internal override bool IsOver => (_core.IsClosed && _next == _core.Written) || _isClosed;

    internal override Exception? Failure => _core.Failure;

    /// <inheritdoc/>
    public override string ToString() => $"a subscription of {_core.Name}";

    internal override bool IsReady(Select? select) => _next < _core.Written || IsOver;

    internal override bool TryTake(Select? select, out T item)
    {
        if (_next == _core.Written || _isClosed)
        {
            item = default!;
            return false;
        }

        long oldest = _core.Written - _core.Capacity;
        if (_next < oldest)
        {
            long missed = oldest - _next;
            Missed += missed;
            _next = oldest;
            if (_core.Lag == LagPolicy.Throw)
            {
                throw new ChannelLaggedException(_core.Name, missed);
            }
        }

        item = _core[_next++];
        return true;
    }

    internal override void Add(Receiver<T> receiver) => _receivers.Add(receiver);

    /// <summary>An item was written. A flow that waits has read all before it, so this one is what it waits for.</summary>
    internal void OnWritten()
    {
        if (_receivers.First is { } receiver)
        {
            _receivers.Remove(receiver);
            receiver.OnGiven(_core[_next++]);
        }
        else
        {
            Watchers.GiveAll(true);
        }
    }

    internal void OnClosed()
    {
        while (_receivers.First is { } receiver)
        {
            _receivers.Remove(receiver);
            receiver.OnEnded(_core.Failure);
        }

        if (_core.Failure is { } failure)
        {
            Watchers.FailAll(() => failure);
        }
        else
        {
            Watchers.GiveAll(false);
        }
    }

    private protected override void OnDisposed()
    {
        _isClosed = true;
        _core.Readers.Remove(this);
        OnClosed();
    }
}
