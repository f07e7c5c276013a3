using System.Threading.Channels;
using Gyre.Loop;
using Gyre.LowLevel;

namespace Gyre.Channels;

/// <summary>The writing end of a channel in which a write never waits: <see cref="BroadcastChannel{T}"/> and <see cref="WatchChannel{T}"/>.</summary>
internal sealed class SinkWriter<T>(EventLoop loop, object channel, Func<T, bool> write, Func<Exception?, bool> close, Func<Exception?> failure)
    : ChannelWriter<T>, ISink<T>
{
    EventLoop ISink<T>.Loop => loop;

    public override bool TryWrite(T item) => loop.HasAccess ? write(item) : TryWriteFromOutside(item);

    public override bool TryComplete(Exception? error = null) => loop.HasAccess ? close(error) : HomeCall.Run(loop, channel, () => close(error));

    public override ValueTask WriteAsync(T item, CancellationToken cancellationToken = default)
    {
        if (!loop.HasAccess)
        {
            return WriteFromOutsideAsync(item, cancellationToken);
        }

        if (WaitSource.CancellationOf(loop, cancellationToken) is { } cancellation)
        {
            return ValueTask.FromException(cancellation);
        }

        return write(item) ? default : ValueTask.FromException(ClosedError.Of(channel, failure()));
    }

    public override ValueTask<bool> WaitToWriteAsync(CancellationToken cancellationToken = default)
    {
        if (!loop.HasAccess)
        {
            return WaitFromOutsideAsync(cancellationToken);
        }

        return WaitSource.CancellationOf(loop, cancellationToken) is { } cancellation
            ? ValueTask.FromException<bool>(cancellation)
            : new ValueTask<bool>(IsOpen);
    }

    public override string? ToString() => channel.ToString();

    /// <summary>It never waits, be it that it is refused.</summary>
    bool ISink<T>.IsReady(Select select) => true;

    bool ISink<T>.TryGive(Select? select, T item) => write(item) ? true : throw ClosedError.Of(channel, failure());

    void ISink<T>.Add(Sender<T> sender) => throw new InvalidOperationException("A write to this channel never waits.");

    /// <summary>Told by the channel when it closes.</summary>
    public bool IsOpen { get; set; } = true;

    /// <summary>Apart from its caller, which would else allocate the lambda's closure on the loop too.</summary>
    private bool TryWriteFromOutside(T item) => HomeCall.Run(loop, channel, () => write(item));

    private ValueTask WriteFromOutsideAsync(T item, CancellationToken token) =>
        new(HomeCall.RunAsync(loop, channel, () => WriteAsync(item, token)));

    private ValueTask<bool> WaitFromOutsideAsync(CancellationToken token) =>
        new(HomeCall.RunAsync(loop, channel, () => WaitToWriteAsync(token)));
}
