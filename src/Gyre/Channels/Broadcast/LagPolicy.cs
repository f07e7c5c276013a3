namespace Gyre.Channels;

/// <summary>What a reader of a <see cref="BroadcastChannel{T}"/> is told when items were overwritten before it read them.</summary>
public enum LagPolicy
{
    /// <summary>The next read throws a <see cref="ChannelLaggedException"/> with their number; the one after it goes on with what is left.</summary>
    Throw,

    /// <summary>Nothing; <see cref="BroadcastReader{T}.Missed"/> counts them.</summary>
    Skip,
}
