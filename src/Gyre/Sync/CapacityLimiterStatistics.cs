namespace Gyre.Sync;

/// <summary>Who has borrowed from a <see cref="CapacityLimiter"/> and how many wait, at one moment.</summary>
/// <param name="TotalTokens">How many may be borrowed at a time.</param>
/// <param name="Borrowers">On whose behalf tokens are borrowed, in no order.</param>
/// <param name="Waiting">Flows that wait for a token.</param>
public sealed record CapacityLimiterStatistics(int TotalTokens, IReadOnlyCollection<object> Borrowers, int Waiting);
