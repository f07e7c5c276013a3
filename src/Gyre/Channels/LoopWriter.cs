using System.Diagnostics;
using System.Threading.Channels;
using Gyre.Loop;
using Gyre.LowLevel;

namespace Gyre.Channels;

/// <summary>
/// A writing end of a <see cref="LoopChannel{T}"/>. Ends can be cloned, one for each producer; once the last one is disposed the
/// channel is closed, and readers end when they have taken what is left.
/// </summary>
/// <inheritdoc cref="LoopReader{T}" path="/remarks"/>
/// <typeparam name="T">The type of the items.</typeparam>
[DebuggerDisplay("{ToString(),nq}")]
public sealed class LoopWriter<T> : ChannelWriter<T>, IDisposable, ISink<T>
{
    private readonly ChannelCore<T> _core;
    private readonly ChannelEnds<T> _ends;
    private bool _isDisposed;

    internal LoopWriter(ChannelCore<T> core, ChannelEnds<T> ends)
    {
        _core = core;
        _ends = ends;
        ends.Writers++;
    }

    EventLoop ISink<T>.Loop => _core.Loop;

    /// <summary>Another writing end of the same channel.</summary>
    /// <exception cref="ObjectDisposedException">This end was disposed.</exception>
    public LoopWriter<T> Clone() => OnHome(static self =>
    {
        self.VerifyOpen();
        return new LoopWriter<T>(self._core, self._ends);
    });

    /// <summary>
    /// Writes an item; waits for room, or in a channel without any for a reader who takes it. A checkpoint; goes on at once
    /// when it needn't wait.
    /// </summary>
    /// <param name="item">The item. It was taken if and only if this returns without an exception.</param>
    /// <param name="cancellationToken">Ends this wait alone.</param>
    /// <exception cref="ChannelClosedException">The channel was closed, before or while this waited.</exception>
    /// <exception cref="OperationCanceledException">The scope or the token was cancelled; the item wasn't written.</exception>
    /// <exception cref="ObjectDisposedException">This end was disposed.</exception>
    public override ValueTask WriteAsync(T item, CancellationToken cancellationToken = default)
    {
        EventLoop loop = _core.Loop;
        if (!ScopeContext.TryResolve(loop, out ScopeContext? context))
        {
            return WriteFromOutside(item, cancellationToken);
        }

        if (WaitSource.CancellationOf(context, cancellationToken) is { } cancellation)
        {
            return ValueTask.FromException(cancellation);
        }

        VerifyOpen();
        if (_core.TryGive(null, item))
        {
            return --loop.Budget > 0 ? default : _core.Writes.InNextTurn(context);
        }

        return _core.IsClosed
            ? ValueTask.FromException(_core.Closed())
            : _core.Writes.ParkIn(_core, item, context, cancellationToken, this);
    }

    /// <summary>Writes an item if there is room or somebody waits for it. Never waits, no checkpoint.</summary>
    /// <returns>False when it would have to wait, or the channel is closed.</returns>
    /// <exception cref="ObjectDisposedException">This end was disposed.</exception>
    public override bool TryWrite(T item)
    {
        return _core.Loop.HasAccess ? TryGive(item) : TryGiveFromOutside(item);
    }

    /// <summary>
    /// Waits until there is room or, in a channel without any, a reader who waits for an item. Somebody else may use it before
    /// this flow does.
    /// </summary>
    /// <returns>False when the channel was closed.</returns>
    /// <param name="cancellationToken">Ends this wait alone.</param>
    /// <exception cref="Exception">What the channel was closed with, itself.</exception>
    /// <exception cref="OperationCanceledException">The scope or the token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">This end was disposed.</exception>
    public override ValueTask<bool> WaitToWriteAsync(CancellationToken cancellationToken = default)
    {
        EventLoop loop = _core.Loop;
        if (!ScopeContext.TryResolve(loop, out ScopeContext? context))
        {
            return WaitFromOutside(cancellationToken);
        }

        if (WaitSource.CancellationOf(context, cancellationToken) is { } cancellation)
        {
            return ValueTask.FromException<bool>(cancellation);
        }

        VerifyOpen();
        if (_core.IsClosed && _core.Failure is { } failure)
        {
            return ValueTask.FromException<bool>(failure);
        }

        if (!_core.CanGive(null))
        {
            return _core.WriteWatchers.Enqueue(loop, context, cancellationToken, this).Typed;
        }

        bool open = !_core.IsClosed;
        return --loop.Budget > 0 ? new ValueTask<bool>(open) : _core.WriteWatchers.InNextTurn(loop, context, open).Typed;
    }

    /// <summary>Closes the channel for every writing end. What is stored can still be read; who waits to write is refused.</summary>
    /// <param name="error">What readers are thrown once they have taken the rest; null for an ordinary end.</param>
    /// <returns>False when it was closed already.</returns>
    public override bool TryComplete(Exception? error = null) => OnHome(self => self._core.Close(error));

    /// <summary>
    /// Closes this end: flows that wait at it end with a <see cref="ChannelClosedException"/>. The last one closes the channel. A
    /// second call has no effect.
    /// </summary>
    public void Dispose() => OnHome(static self =>
    {
        if (!self._isDisposed)
        {
            self._isDisposed = true;
            self._ends.OnWriterDisposed(self._core, self);
        }

        return true;
    });

    /// <inheritdoc/>
    public override string ToString() => _core.Name;

    bool ISink<T>.IsReady(Select select) => _isDisposed || _core.CanGive(select);

    bool ISink<T>.TryGive(Select? select, T item)
    {
        VerifyOpen();
        return _core.IsClosed ? throw _core.Closed() : _core.TryGive(select, item);
    }

    void ISink<T>.Add(Sender<T> sender)
    {
        sender.End = this;
        _core.Add(sender);
    }

    private bool TryGive(T item)
    {
        VerifyOpen();
        return _core.TryGive(null, item);
    }

    private TResult OnHome<TResult>(Func<LoopWriter<T>, TResult> call) =>
        _core.Loop.HasAccess ? call(this) : CallFromOutside(call);

    // What follows is apart from its callers because they would allocate its closures on the loop as well.
    private ValueTask WriteFromOutside(T item, CancellationToken token) => new(HomeCall.RunAsync(_core.Loop, this, () => WriteAsync(item, token)));

    private ValueTask<bool> WaitFromOutside(CancellationToken token) => new(HomeCall.RunAsync(_core.Loop, this, () => WaitToWriteAsync(token)));

    private TResult CallFromOutside<TResult>(Func<LoopWriter<T>, TResult> call) => HomeCall.Run(_core.Loop, this, () => call(this));

    /// <summary>Not by <see cref="TryWrite"/>, which once the loop has ended would come back here for ever.</summary>
    private bool TryGiveFromOutside(T item) => HomeCall.Run(_core.Loop, this, () => TryGive(item));

    private void VerifyOpen() => ObjectDisposedException.ThrowIf(_isDisposed, this);
}
