using Gyre.Diagnostics;

namespace Gyre.Loop;

/// <summary>Who opened a scope, and answers for its failures that nobody awaits.</summary>
internal interface IScopeOwner
{
    /// <summary>What it is.</summary>
    ScopeKind Kind { get; }

    /// <summary>When the scope cancels itself, in nanoseconds; <see cref="Time.Deadline.Never"/> if never.</summary>
    long Deadline => Time.Deadline.Never;

    /// <summary>A posted callback or an <c>async void</c> method of the scope threw.</summary>
    void OnUnobservedFailure(Exception failure);
}
