namespace Gyre.Sync;

/// <summary>What releases an <see cref="AsyncLock"/> that was acquired; made by the lock alone.</summary>
public readonly struct LockHolder : IDisposable, IEquatable<LockHolder>
{
    private readonly AsyncLock? _lock;

    internal LockHolder(AsyncLock gate, long acquisition)
    {
        _lock = gate;
        Acquisition = acquisition;
    }

    /// <summary>Number of the acquisition, by which a stale copy is told.</summary>
    internal long Acquisition { get; }

    internal AsyncLock? Lock => _lock;

    /// <summary>
    /// Releases the lock; the flow that has waited longest has it then, and runs in a later turn. Not a checkpoint. A second
    /// call has no effect.
    /// </summary>
    /// <exception cref="InvalidOperationException">Another coroutine acquired it, or this isn't its loop's thread.</exception>
    public void Dispose() => _lock?.Release(this);

    /// <summary>Whether both stand for the same acquisition of the same lock.</summary>
    public static bool operator ==(LockHolder left, LockHolder right) => left.Equals(right);

    /// <summary>Whether they stand for different acquisitions.</summary>
    public static bool operator !=(LockHolder left, LockHolder right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(LockHolder other) => _lock == other._lock && Acquisition == other.Acquisition;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is LockHolder other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_lock, Acquisition);
}
