namespace Gyre.Files;

/// <summary>How a <see cref="FileRoot"/> treats what it finds.</summary>
public sealed record FileRootOptions
{
    /// <summary>
    /// Whether a symbolic link may lead out of the root, and be absolute. Default false. True gives out whatever anybody links to who may write beneath
    /// the root: only for roots that nobody but their administrator can write to.
    /// </summary>
    public bool FollowSymlinksOutside { get; init; }

    /// <summary>Whether the system is called directly; null decides by the platform and the driver. For tests.</summary>
    internal bool? CallsSystem { get; init; }
}
