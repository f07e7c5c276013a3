using System.Threading.Channels;

namespace Gyre.Channels;

/// <summary>What a channel was made to be.</summary>
/// <param name="Name">Its name in the tree and in messages.</param>
/// <param name="Capacity">Items that it stores at most; 0 for none, which makes writer and reader meet.</param>
/// <param name="FullMode">What a write does when it is full.</param>
/// <param name="Dropped">Told of items that were dropped.</param>
/// <param name="Accepted">Told of each item that was handed over or stored.</param>
/// <param name="ClosesAfterOne">Whether it is for a single item.</param>
internal sealed record ChannelShape<T>(
    string Name,
    int Capacity,
    BoundedChannelFullMode FullMode = BoundedChannelFullMode.Wait,
    Action<T>? Dropped = null,
    bool ClosesAfterOne = false,
    Action? Accepted = null);
