namespace Gyre.Channels;

/// <summary>Items of a <see cref="BroadcastChannel{T}"/> were overwritten before a reader came to them. The next read goes on with what is left.</summary>
public sealed class ChannelLaggedException : InvalidOperationException
{
    /// <summary>Makes one.</summary>
    public ChannelLaggedException()
        : this("Items of a broadcast were overwritten before they were read.")
    {
    }

    /// <inheritdoc cref="ChannelLaggedException()"/>
    public ChannelLaggedException(string message)
        : base(message)
    {
    }

    /// <inheritdoc cref="ChannelLaggedException()"/>
    public ChannelLaggedException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    internal ChannelLaggedException(object channel, long missed)
        : base($"{missed} items of {channel} were overwritten before this reader came to them. Read faster, or make the channel larger.") =>
        Missed = missed;

    /// <summary>How many items the reader missed since its last read.</summary>
    public long Missed { get; }
}
