using System.Threading.Channels;

namespace Gyre.Channels;

/// <summary>What a reader or writer of something that was closed is thrown.</summary>
internal static class ClosedError
{
    /// <summary>Settles the completion of a channel as the BCL's do: a cancellation cancels it, and nobody has to look at a failure.</summary>
    public static void Settle(TaskCompletionSource completion, Exception? failure)
    {
        if (failure is null)
        {
            completion.TrySetResult();
        }
        else if (failure is OperationCanceledException cancelled)
        {
            completion.TrySetCanceled(cancelled.CancellationToken);
        }
        else if (completion.TrySetException(failure))
        {
            // Readers are thrown it; a completion that nobody awaits is no lost failure besides.
            _ = completion.Task.Exception;
        }
    }

    public static ChannelClosedException Of(object channel, Exception? failure) => failure is null
        ? new ChannelClosedException($"{channel} was closed.")
        : new ChannelClosedException($"{channel} was closed: {failure.Message}", failure);
}
