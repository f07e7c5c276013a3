using Gyre.Diagnostics;

namespace Gyre.Sync;

/// <summary>How a primitive of this namespace stands and who waits for it, at one moment.</summary>
/// <param name="State">In words, for example <c>a semaphore, 2 free</c>.</param>
/// <param name="Waiters">The coroutines that wait, the longest wait first.</param>
public sealed record WaitStatistics(string State, IReadOnlyList<CoroutineNode> Waiters);
