namespace Gyre.Sync;

/// <summary>A lock can't be had any more: the coroutine that held it ended without releasing it.</summary>
/// <remarks>What the lock protects may have been left half-changed, so nobody is let in.</remarks>
public sealed class BrokenLockException : InvalidOperationException
{
    /// <summary>Makes one.</summary>
    public BrokenLockException()
        : this("The coroutine that held a lock ended without releasing it.")
    {
    }

    /// <inheritdoc cref="BrokenLockException()"/>
    public BrokenLockException(string message)
        : base(message)
    {
    }

    /// <inheritdoc cref="BrokenLockException()"/>
    public BrokenLockException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
