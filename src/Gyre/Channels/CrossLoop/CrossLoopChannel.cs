using System.Diagnostics;
using System.Threading.Channels;

namespace Gyre.Channels;

/// <summary>
/// A channel between loops, or between a loop and other threads: any number of readers and writers, on any of them. A wait is
/// woken on its own loop, in its own coroutine and scope.
/// </summary>
/// <remarks>
/// It takes a lock for each item and a post to the other loop for each wake, so within one loop a <see cref="LoopChannel"/> is
/// the better choice. First-in first-out per writer. An item is never lost: one that was on its way to a loop that has ended
/// goes to the next reader. Every member may be called from any thread.
/// </remarks>
/// <typeparam name="T">The type of the items.</typeparam>
[DebuggerDisplay("{Statistics}")]
public sealed class CrossLoopChannel<T> : Channel<T>
{
    private readonly CrossLoopCore<T> _core;

    /// <summary>A channel. Any thread, with or without a loop.</summary>
    /// <param name="capacity">Items that it stores at most; a write to a full one waits.</param>
    /// <param name="name">Its name in the tree and in messages.</param>
    /// <exception cref="ArgumentOutOfRangeException">The capacity isn't above zero.</exception>
    public CrossLoopChannel(int capacity = int.MaxValue, string? name = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        _core = new CrossLoopCore<T>(capacity, name ?? "a channel between loops");
        Reader = new CrossLoopReader<T>(_core);
        Writer = new CrossLoopWriter<T>(_core);
    }

    /// <summary>What is in it and who waits.</summary>
    public ChannelStatistics Statistics => _core.Statistics;

    /// <inheritdoc/>
    public override string ToString() => _core.Name;
}
