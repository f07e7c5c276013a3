using System.Threading.Channels;

namespace Gyre.Channels;

/// <summary>Makes channels of the current loop.</summary>
public static class LoopChannel
{
    /// <summary>A channel that stores nothing: a write waits for a reader who takes the item, and the other way round.</summary>
    /// <typeparam name="T">The type of the items.</typeparam>
    /// <param name="name">Its name in the tree and in messages.</param>
    /// <exception cref="InvalidOperationException">The calling code isn't run by a loop.</exception>
    public static LoopChannel<T> CreateRendezvous<T>(string? name = null) => new(EventLoop.Current, new(name ?? "a rendezvous", 0));

    /// <summary>A channel that stores up to <paramref name="capacity"/> items; a write to a full one waits.</summary>
    /// <typeparam name="T">The type of the items.</typeparam>
    /// <param name="capacity">0 is the same as <see cref="CreateRendezvous"/>.</param>
    /// <param name="name">Its name in the tree and in messages.</param>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is negative.</exception>
    /// <exception cref="InvalidOperationException">The calling code isn't run by a loop.</exception>
    public static LoopChannel<T> CreateBounded<T>(int capacity, string? name = null) =>
        CreateBounded(new LoopChannelOptions<T> { Capacity = capacity, Name = name });

    /// <summary>A channel that stores a limited number of items, with a choice of what happens when it is full.</summary>
    /// <typeparam name="T">The type of the items.</typeparam>
    /// <param name="options">Its capacity and what a write to a full one does.</param>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is negative, or 0 with a mode that drops items.</exception>
    /// <exception cref="InvalidOperationException">The calling code isn't run by a loop.</exception>
    public static LoopChannel<T> CreateBounded<T>(LoopChannelOptions<T> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegative(options.Capacity, nameof(options));
        if (!Enum.IsDefined(options.FullMode) || (options.Capacity == 0 && options.FullMode != BoundedChannelFullMode.Wait))
        {
            throw new ArgumentOutOfRangeException(
                nameof(options), options.FullMode, "A channel that drops items stores at least one; one with capacity 0 waits.");
        }

        return new(EventLoop.Current, new(options.Name ?? "a channel", options.Capacity, options.FullMode, options.Dropped));
    }

    /// <summary>A channel that stores any number of items: a write never waits, so a reader that is too slow costs memory.</summary>
    /// <typeparam name="T">The type of the items.</typeparam>
    /// <param name="name">Its name in the tree and in messages.</param>
    /// <exception cref="InvalidOperationException">The calling code isn't run by a loop.</exception>
    public static LoopChannel<T> CreateUnbounded<T>(string? name = null) => new(EventLoop.Current, new(name ?? "a channel", int.MaxValue));

    /// <summary>A channel for a single item: the first write closes it. The writer never waits.</summary>
    /// <typeparam name="T">The type of the item.</typeparam>
    /// <param name="name">Its name in the tree and in messages.</param>
    /// <exception cref="InvalidOperationException">The calling code isn't run by a loop.</exception>
    public static LoopChannel<T> CreateOneshot<T>(string? name = null) =>
        new(EventLoop.Current, new(name ?? "a oneshot channel", 1, ClosesAfterOne: true));
}
