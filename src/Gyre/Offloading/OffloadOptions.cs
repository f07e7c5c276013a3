using Gyre.Sync;

namespace Gyre;

/// <summary>How work is offloaded.</summary>
public sealed record OffloadOptions
{
    /// <summary>How much runs at a time. Default the loop's own (<see cref="Offload.DefaultLimiter"/>).</summary>
    public CapacityLimiter? Limiter { get; init; }

    /// <summary>
    /// Whether a cancelled caller goes on at once and leaves the work behind, which keeps its place in the limit until it ends. Default false: the
    /// caller waits for the work, which is told by its token. A failure that abandoned work has later is that of the caller's scope.
    /// </summary>
    public bool AbandonOnCancel { get; init; }

    /// <summary>Its name in the tree and in messages. Default <c>offloaded work</c>.</summary>
    public string? Name { get; init; }
}
