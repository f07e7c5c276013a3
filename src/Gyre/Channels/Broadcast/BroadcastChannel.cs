using System.Diagnostics;
using System.Threading.Channels;

namespace Gyre.Channels;

/// <summary>
/// A channel whose every reader sees every item. A write never waits: a reader that falls behind by more than the channel
/// stores misses items, and is told how many.
/// </summary>
/// <remarks>
/// <see cref="Channel{TWrite, TRead}.Reader"/> is a subscription from the beginning; <see cref="Subscribe"/> makes further ones. Without a subscription an item
/// goes nowhere. The last items stay referenced until others overwrite them. Made on a loop; calls from other threads are posted home.
/// </remarks>
/// <typeparam name="T">The type of the items.</typeparam>
[DebuggerDisplay("{ToString(),nq}")]
public sealed class BroadcastChannel<T> : Channel<T>
{
    private readonly BroadcastCore<T> _core;

    /// <summary>A broadcast of the current loop.</summary>
    /// <param name="capacity">How many items a reader may be behind.</param>
    /// <param name="lag">What a reader that was further behind is told.</param>
    /// <param name="name">Its name in the tree and in messages.</param>
    /// <exception cref="ArgumentOutOfRangeException">The capacity isn't above zero.</exception>
    /// <exception cref="InvalidOperationException">The calling code isn't run by a loop.</exception>
    public BroadcastChannel(int capacity, LagPolicy lag = LagPolicy.Throw, string? name = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        if (!Enum.IsDefined(lag))
        {
            throw new ArgumentOutOfRangeException(nameof(lag), lag, "It is Throw or Skip.");
        }

        _core = new BroadcastCore<T>(EventLoop.Current, name ?? "a broadcast", capacity, lag);
        base.Reader = Reader = new BroadcastReader<T>(_core);
        SinkWriter<T>? writer = null;
        writer = new SinkWriter<T>(_core.Loop, this, _core.TryWrite, Close, () => _core.Failure);
        base.Writer = writer;

        bool Close(Exception? failure)
        {
            writer!.IsOpen = false;
            return _core.Close(failure);
        }
    }

    /// <summary>The subscription from the beginning. Dispose it when nobody reads it.</summary>
    public new BroadcastReader<T> Reader { get; }

    /// <summary>Subscriptions that are open.</summary>
    public int Subscriptions => _core.Readers.Count;

    /// <summary>Items that were written.</summary>
    public long Written => _core.Written;

    /// <summary>A further subscription: it sees what is written from now on.</summary>
    /// <exception cref="InvalidOperationException">This isn't its loop's thread.</exception>
    public BroadcastReader<T> Subscribe()
    {
        _core.Loop.VerifyAccess(this);
        return new BroadcastReader<T>(_core);
    }

    /// <inheritdoc/>
    public override string ToString() => _core.Name;
}
