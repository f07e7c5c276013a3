namespace Gyre.Diagnostics;

/// <summary>Where a coroutine is in its life.</summary>
public enum CoroutineState
{
    /// <summary>Spawned; its first step has not run.</summary>
    Created,

    /// <summary>Its body has begun and has not ended: it runs, is ready, or waits.</summary>
    Started,

    /// <summary>Its body returned.</summary>
    Succeeded,

    /// <summary>Its body threw.</summary>
    Failed,

    /// <summary>Its body ended with a cancellation.</summary>
    Cancelled,
}
