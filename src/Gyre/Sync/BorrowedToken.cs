namespace Gyre.Sync;

/// <summary>What gives a token of a <see cref="CapacityLimiter"/> back; made by the limiter alone.</summary>
public readonly struct BorrowedToken : IDisposable, IEquatable<BorrowedToken>
{
    private readonly CapacityLimiter? _limiter;
    private readonly object? _borrower;

    internal BorrowedToken(CapacityLimiter limiter, object borrower, long number)
    {
        _limiter = limiter;
        _borrower = borrower;
        Number = number;
    }

    /// <summary>Which of all that were borrowed, by which a stale copy is told.</summary>
    internal long Number { get; }

    /// <summary>On whose behalf it was borrowed.</summary>
    public object? Borrower => _borrower;

    /// <summary>
    /// Gives the token back; who waits longest has it then, and runs in a later turn. Not a checkpoint. A second
    /// call has no effect.
    /// </summary>
    /// <exception cref="InvalidOperationException">This isn't the limiter's loop's thread.</exception>
    public void Dispose() => _limiter?.Release(this);

    /// <summary>Whether both stand for the same token, borrowed at the same time.</summary>
    public static bool operator ==(BorrowedToken left, BorrowedToken right) => left.Equals(right);

    /// <summary>Whether they stand for different tokens.</summary>
    public static bool operator !=(BorrowedToken left, BorrowedToken right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(BorrowedToken other) => _limiter == other._limiter && Number == other.Number;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is BorrowedToken other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_limiter, Number);
}
