using System.Threading.Channels;

namespace Gyre.Channels;

/// <summary>What a reader or writer of something that was closed is thrown.</summary>
internal static class ClosedError
{
    public static ChannelClosedException Of(object channel, Exception? failure) => failure is null
        ? new ChannelClosedException($"{channel} was closed.")
        : new ChannelClosedException($"{channel} was closed: {failure.Message}", failure);
}
