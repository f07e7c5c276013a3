namespace Gyre.Samples.Ladder;

/// <summary>
/// An operation of IO, described and not begun, as a handler gives it to whoever drives it; made by <see cref="Io"/>. The loop
/// calls back when it has ended.
/// </summary>
internal interface IJob
{
    /// <summary>What it failed with; null when it succeeded.</summary>
    Exception? Failure { get; }

    /// <summary>What it came to, of a type that only its maker knows.</summary>
    object? Value { get; }

    /// <summary>Begins it; <paramref name="finished"/> is called in a later turn of the loop, with the job.</summary>
    void Begin(Action<IJob> finished);
}
