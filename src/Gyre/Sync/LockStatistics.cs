using Gyre.Diagnostics;

namespace Gyre.Sync;

/// <summary>Who holds an <see cref="AsyncLock"/> and who waits for it, at one moment.</summary>
/// <param name="IsHeld">Whether somebody holds it.</param>
/// <param name="Owner">The coroutine that does; null when none does.</param>
/// <param name="Waiters">The coroutines that wait, the longest wait first.</param>
/// <param name="Acquisitions">How often it was acquired.</param>
public sealed record LockStatistics(bool IsHeld, CoroutineNode? Owner, IReadOnlyList<CoroutineNode> Waiters, long Acquisitions);
