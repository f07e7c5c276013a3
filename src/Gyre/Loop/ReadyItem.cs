namespace Gyre.Loop;

/// <summary>One piece of ready work: what to call, for which scope, and whether to restore its context first.</summary>
/// <param name="Callback">Runs on the loop's thread.</param>
/// <param name="State">Passed to the callback.</param>
/// <param name="Context">The scope that the work belongs to; kept current while it runs.</param>
/// <param name="RestoreContext">
/// Whether <see cref="SynchronizationContext.Current"/> is the scope's while the work runs. Not for a continuation that asked
/// for none (<c>ConfigureAwait(false)</c>): that one sees null, yet stays on the loop and in its scope.
/// </param>
internal readonly record struct ReadyItem(Action<object?> Callback, object? State, ScopeContext Context, bool RestoreContext);
