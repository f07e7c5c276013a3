using System.Threading.Channels;

namespace Gyre.Channels;

/// <summary>What a bounded channel does when it is full.</summary>
/// <typeparam name="T">The type of the items.</typeparam>
public sealed record LoopChannelOptions<T>
{
    /// <summary>Items that it stores at most; 0 stores none, so that writer and reader meet. No default.</summary>
    public required int Capacity { get; init; }

    /// <summary>
    /// What a write does when it is full. Default <see cref="BoundedChannelFullMode.Wait"/>; the others lose items by intent.
    /// </summary>
    public BoundedChannelFullMode FullMode { get; init; } = BoundedChannelFullMode.Wait;

    /// <summary>Called with each item that is dropped, inside the write. Default none.</summary>
    public Action<T>? Dropped { get; init; }

    /// <summary>Its name in the tree and in messages. Default <c>a channel</c>.</summary>
    public string? Name { get; init; }
}
