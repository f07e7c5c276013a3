using System.Diagnostics;
using System.Threading.Channels;

namespace Gyre.Channels;

/// <summary>
/// A channel that keeps one value, the latest: a configuration, a state. A reader that was busy sees only what counts now.
/// </summary>
/// <remarks>
/// A write never waits and replaces the value. Each reader is given each value at most once, the first one included; readers that wait are all given the
/// new one. Made on a loop; calls from other threads are posted home.
/// </remarks>
/// <typeparam name="T">The type of the value.</typeparam>
[DebuggerDisplay("{ToString(),nq}: {Latest}")]
public sealed class WatchChannel<T> : Channel<T>
{
    private readonly EventLoop _loop = EventLoop.Current;
    private readonly List<WatchReader<T>> _readers = [];
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SinkWriter<T> _writer;
    private readonly string _name;

    /// <summary>A watch of the current loop.</summary>
    /// <param name="value">The value to begin with.</param>
    /// <param name="name">Its name in the tree and in messages.</param>
    /// <exception cref="InvalidOperationException">The calling code isn't run by a loop.</exception>
    public WatchChannel(T value, string? name = null)
    {
        _name = name ?? "a watch";
        Latest = value;
        Version = 1;
        base.Writer = _writer = new SinkWriter<T>(_loop, this, Write, Close, () => Failure);
        base.Reader = Reader = new WatchReader<T>(this, _loop, seen: 0);
        _readers.Add(Reader);
    }

    /// <summary>The first reader. The value to begin with is new to it.</summary>
    public new WatchReader<T> Reader { get; }

    /// <summary>The value. Setting it is a write.</summary>
    /// <exception cref="ChannelClosedException">It was set after the channel was closed.</exception>
    /// <exception cref="InvalidOperationException">This isn't its loop's thread.</exception>
    public T Value
    {
        get
        {
            _loop.VerifyAccess(this);
            return Latest;
        }

        set
        {
            _loop.VerifyAccess(this);
            if (!Write(value))
            {
                throw ClosedError.Of(this, Failure);
            }
        }
    }

    /// <summary>Readers that are open.</summary>
    public int Readers => _readers.Count;

    internal T Latest { get; private set; }

    /// <summary>How many values there have been.</summary>
    internal long Version { get; private set; }

    internal bool IsClosed { get; private set; }

    internal Exception? Failure { get; private set; }

    internal Task Completion => _completion.Task;

    /// <summary>A further reader.</summary>
    /// <param name="seesCurrent">Whether the value that is there now is new to it; else its first is the next one.</param>
    /// <exception cref="InvalidOperationException">This isn't its loop's thread.</exception>
    public WatchReader<T> Subscribe(bool seesCurrent = true)
    {
        _loop.VerifyAccess(this);
        var reader = new WatchReader<T>(this, _loop, seesCurrent ? Version - 1 : Version);
        _readers.Add(reader);
        return reader;
    }

    /// <inheritdoc/>
    public override string ToString() => _name;

    internal void Remove(WatchReader<T> reader) => _readers.Remove(reader);

    private bool Write(T value)
    {
        if (IsClosed)
        {
            return false;
        }

        Latest = value;
        Version++;
        foreach (WatchReader<T> reader in _readers)
        {
            reader.OnChanged();
        }

        return true;
    }

    private bool Close(Exception? failure)
    {
        if (IsClosed)
        {
            return false;
        }

        IsClosed = true;
        Failure = failure;
        _writer.IsOpen = false;
        foreach (WatchReader<T> reader in _readers)
        {
            reader.OnClosed();
        }

        ClosedError.Settle(_completion, failure);
        return true;
    }
}
