using System.Threading.Channels;
using Gyre.Loop;
using Gyre.LowLevel;
using Gyre.Sync;

namespace Gyre.Channels;

/// <summary>The writing end of a channel in which a write never waits: <see cref="BroadcastChannel{T}"/> and <see cref="WatchChannel{T}"/>.</summary>
internal sealed class SinkWriter<T>(EventLoop loop, object channel, Func<T, bool> write, Func<Exception?, bool> close, Func<Exception?> failure)
    : ChannelWriter<T>, ISink<T>
{
    private readonly WaitQueue<bool> _turns = new(channel);

    EventLoop ISink<T>.Loop => loop;

    public override bool TryWrite(T item) => loop.HasAccess ? write(item) : TryFromOutside(item);

    public override bool TryComplete(Exception? error = null) => loop.HasAccess ? close(error) : CloseFromOutside(error);

    public override ValueTask WriteAsync(T item, CancellationToken cancellationToken = default)
    {
        if (!loop.HasAccess)
        {
            return WriteFromOutside(item, cancellationToken);
        }

        ScopeContext context = ScopeContext.Resolve(loop);
        if (WaitSource.CancellationOf(context, cancellationToken) is { } cancellation)
        {
            return ValueTask.FromException(cancellation);
        }

        if (!write(item))
        {
            return ValueTask.FromException(ClosedError.Of(channel, failure()));
        }

        // It never waits, so it would starve those who read what it writes.
        return --loop.Budget > 0 ? default : _turns.InNextTurn(loop, context, true).Untyped;
    }

    public override ValueTask<bool> WaitToWriteAsync(CancellationToken cancellationToken = default)
    {
        if (!loop.HasAccess)
        {
            return WaitFromOutside(cancellationToken);
        }

        ScopeContext context = ScopeContext.Resolve(loop);
        if (WaitSource.CancellationOf(context, cancellationToken) is { } cancellation)
        {
            return ValueTask.FromException<bool>(cancellation);
        }

        if (failure() is { } closedWith)
        {
            return ValueTask.FromException<bool>(closedWith);
        }

        return --loop.Budget > 0 ? new ValueTask<bool>(IsOpen) : _turns.InNextTurn(loop, context, IsOpen).Typed;
    }

    public override string? ToString() => channel.ToString();

    /// <summary>It never waits, be it that it is refused.</summary>
    bool ISink<T>.IsReady(Select select) => true;

    bool ISink<T>.TryGive(Select? select, T item) => write(item) ? true : throw ClosedError.Of(channel, failure());

    void ISink<T>.Add(Sender<T> sender) => throw new InvalidOperationException("A write to this channel never waits.");

    /// <summary>Told by the channel when it closes.</summary>
    public bool IsOpen { get; set; } = true;

    // What follows is apart from its callers because they would allocate its closures on the loop as well.
    private bool TryFromOutside(T item) => HomeCall.Run(loop, channel, () => write(item));

    private bool CloseFromOutside(Exception? error) => HomeCall.Run(loop, channel, () => close(error));

    private ValueTask WriteFromOutside(T item, CancellationToken token) => new(HomeCall.RunAsync(loop, channel, () => WriteAsync(item, token)));

    private ValueTask<bool> WaitFromOutside(CancellationToken token) => new(HomeCall.RunAsync(loop, channel, () => WaitToWriteAsync(token)));
}
