namespace Gyre;

/// <summary>How far a <see cref="Waitable"/> is: pending until it settles, once and for good.</summary>
public enum FutureState
{
    /// <summary>Not settled yet.</summary>
    Pending,

    /// <summary>Settled with a result.</summary>
    Succeeded,

    /// <summary>Settled with an exception.</summary>
    Failed,

    /// <summary>Settled by a cancellation.</summary>
    Cancelled,
}
