namespace Gyre.Generators;

/// <summary>Where a generator is in its life.</summary>
public enum GeneratorState
{
    /// <summary>Nothing of its body has run.</summary>
    Created,

    /// <summary>Its body runs, or that of one it delegates to.</summary>
    Running,

    /// <summary>It waits at a yield.</summary>
    Suspended,

    /// <summary>It has ended, and refuses to be driven.</summary>
    Finished,
}
