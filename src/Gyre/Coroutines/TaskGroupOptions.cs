namespace Gyre;

/// <summary>How a <see cref="TaskGroup"/> behaves.</summary>
public sealed record TaskGroupOptions
{
    internal static readonly TaskGroupOptions Default = new();

    /// <summary>
    /// Throws an <see cref="AggregateException"/> of all failures, also when there was one alone. Default false: the first
    /// failure is thrown as itself, so that a <c>catch</c> needn't know whether a group was involved.
    /// </summary>
    public bool AlwaysAggregate { get; init; }
}
