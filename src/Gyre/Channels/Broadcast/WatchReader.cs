using System.Diagnostics;

namespace Gyre.Channels;

/// <summary>A look at a <see cref="WatchChannel{T}"/>: it sees the latest value, and waits for a later one than it has seen.</summary>
/// <inheritdoc cref="SourceReader{T}" path="/remarks"/>
/// <typeparam name="T">The type of the value.</typeparam>
[DebuggerDisplay("{ToString(),nq}")]
public sealed class WatchReader<T> : SourceReader<T>
{
    private readonly WatchChannel<T> _channel;
    private readonly LinkedQueue<Receiver<T>> _receivers = new();
    private long _seen;
    private bool _isClosed;

    internal WatchReader(WatchChannel<T> channel, EventLoop loop, long seen)
        : base(loop)
    {
        _channel = channel;
        _seen = seen;
    }

    /// <summary>Whether there is a value that this reader hasn't read.</summary>
    public bool HasChanged => OnHome(_ => _seen < _channel.Version);

    /// <summary>1 when there is a value that this reader hasn't read, else 0.</summary>
    public override int Count => HasChanged ? 1 : 0;

    /// <inheritdoc/>
    /// <remarks>Settles when the channel is closed, read or not. Any thread.</remarks>
    public override Task Completion => _channel.Completion;

    internal override bool IsOver => (_channel.IsClosed && _seen == _channel.Version) || _isClosed;

    internal override Exception? Failure => _channel.Failure;

    /// <inheritdoc/>
    public override string ToString() => $"a reader of {_channel}";

    internal override bool IsReady(Select? select) => _seen < _channel.Version || IsOver;

    internal override bool TryTake(Select? select, out T item)
    {
        item = _channel.Latest;
        bool isNew = _seen < _channel.Version && !_isClosed;
        _seen = _channel.Version;
        return isNew;
    }

    internal override void Add(Receiver<T> receiver) => _receivers.Add(receiver);

    internal void OnChanged()
    {
        if (_receivers.First is { } receiver)
        {
            _receivers.Remove(receiver);
            _seen = _channel.Version;
            receiver.OnGiven(_channel.Latest);
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
            receiver.OnEnded(_channel.Failure);
        }

        if (_channel.Failure is { } failure)
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
        _channel.Remove(this);
        OnClosed();
    }
}
