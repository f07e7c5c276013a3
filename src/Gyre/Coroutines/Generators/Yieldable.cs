namespace Gyre.Generators;

/// <summary>
/// What an iterator may <c>yield return</c> to wait for: a future, a coroutine, an operation, or a call of another iterator.
/// Its result is read off it when the iterator goes on.
/// </summary>
/// <remarks>
/// A failure is thrown where the result is read. One that the iterator hasn't looked at by its next <c>yield</c> or its end
/// fails the iterator itself, so none is lost.
/// </remarks>
public abstract class Yieldable
{
    private protected Yieldable()
    {
    }

    /// <summary>Whether the iterator that waited for it has looked at how it ended.</summary>
    internal abstract bool IsSeen { get; set; }

    /// <summary>What it failed with, or its cancellation; null while it is pending and when it succeeded.</summary>
    internal abstract Exception? Thrown { get; }

    /// <summary>
    /// Waits, on a loop, until it has ended in any way. Throws only if this very wait is cancelled; how it ended is read off it.
    /// </summary>
    internal abstract ValueTask SettleAsync();
}
