using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Gyre.Diagnostics;
using Gyre.Loop;
using Gyre.LowLevel;
using Gyre.Sync;

namespace Gyre.Channels;

/// <summary>What the reading ends of all channels of a loop have in common: how a flow waits for an item, and the way home from other threads.</summary>
/// <remarks>
/// <para>On its loop no call posts or locks. Being a BCL type it takes calls from any other thread too: an <c>…Async</c> member
/// posts home and answers on the pool, a <c>Try…</c> member blocks that thread until the loop has answered (never the
/// thread of another loop: there it throws).</para>
/// <para>Each wait is a checkpoint. An item that was delivered is never lost: a cancellation that comes in the same turn but
/// later strikes at the next wait.</para>
/// </remarks>
/// <typeparam name="T">The type of the items.</typeparam>
public abstract class SourceReader<T> : ChannelReader<T>, IDisposable, ISource<T>
{
    private readonly ReadWaits<T> _reads;
    private readonly WaitQueue<bool> _watchers;
    private bool _isDisposed;

    private protected SourceReader(EventLoop loop, ReadWaits<T>? reads = null, WaitQueue<bool>? watchers = null)
    {
        Loop = loop;
        _reads = reads ?? new ReadWaits<T>(loop, this);
        _watchers = watchers ?? new WaitQueue<bool>(this, kind: WaitKind.ChannelRead);
    }

    /// <inheritdoc/>
    public override bool CanCount => true;

    EventLoop ISource<T>.Loop => Loop;

    Exception? ISource<T>.Failure => Failure;

    /// <summary>Waits for an item and takes it. A checkpoint; goes on at once when there is one.</summary>
    /// <param name="cancellationToken">Ends this wait alone.</param>
    /// <exception cref="ChannelClosedException">The channel was closed, and its last item taken.</exception>
    /// <exception cref="OperationCanceledException">The scope or the token was cancelled; no item was taken.</exception>
    /// <exception cref="ObjectDisposedException">This end was disposed.</exception>
    public sealed override ValueTask<T> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (!ScopeContext.TryResolve(Loop, out ScopeContext? context))
        {
            return ReadFromOutside(cancellationToken);
        }

        if (WaitSource.CancellationOf(context, cancellationToken) is { } cancellation)
        {
            return ValueTask.FromException<T>(cancellation);
        }

        VerifyOpen();
        if (TryTake(null, out T item))
        {
            return --Loop.Budget > 0 ? new ValueTask<T>(item) : _reads.InNextTurn(context, item);
        }

        return IsOver
            ? ValueTask.FromException<T>(ClosedError.Of(this, Failure))
            : _reads.ParkIn(this, context, cancellationToken);
    }

    /// <summary>Takes an item if there is one. Never waits, no checkpoint.</summary>
    /// <exception cref="ObjectDisposedException">This end was disposed.</exception>
    public sealed override bool TryRead([MaybeNullWhen(false)] out T item)
    {
        if (Loop.HasAccess)
        {
            VerifyOpen();
            return TryTake(null, out item);
        }

        (bool taken, item) = OnHome(static self =>
        {
            self.VerifyOpen();
            return (self.TryTake(null, out T item), item);
        });
        return taken;
    }

    /// <summary>Waits until there is something to read, and leaves it. Somebody else may take it before this flow does.</summary>
    /// <returns>False when the channel was closed and its last item taken.</returns>
    /// <param name="cancellationToken">Ends this wait alone.</param>
    /// <exception cref="Exception">What the channel was closed with, itself.</exception>
    /// <exception cref="OperationCanceledException">The scope or the token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">This end was disposed.</exception>
    public sealed override ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default)
    {
        if (!ScopeContext.TryResolve(Loop, out ScopeContext? context))
        {
            return WaitFromOutside(cancellationToken);
        }

        if (WaitSource.CancellationOf(context, cancellationToken) is { } cancellation)
        {
            return ValueTask.FromException<bool>(cancellation);
        }

        VerifyOpen();
        if (IsOver && Failure is { } failure)
        {
            return ValueTask.FromException<bool>(failure);
        }

        if (!IsReady(null))
        {
            return _watchers.Enqueue(Loop, context, cancellationToken, this).Typed;
        }

        bool more = !IsOver;
        return --Loop.Budget > 0 ? new ValueTask<bool>(more) : _watchers.InNextTurn(Loop, context, more).Typed;
    }

    /// <summary>The items, one after another, until the channel is closed and empty. Each step is a checkpoint.</summary>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <exception cref="Exception">What the channel was closed with, itself.</exception>
    public sealed override IAsyncEnumerable<T> ReadAllAsync(CancellationToken cancellationToken = default) =>
        SourceItems.AllOf(this, cancellationToken);

    /// <summary>Closes this end: flows that wait at it end with a <see cref="ChannelClosedException"/>. A second call has no effect.</summary>
    public void Dispose() => OnHome(static self =>
    {
        if (!self._isDisposed)
        {
            self._isDisposed = true;
            self.OnDisposed();
        }

        return true;
    });

    bool ISource<T>.IsReady(Select select) => _isDisposed || IsReady(select);

    bool ISource<T>.TryTake(Select? select, out T item)
    {
        VerifyOpen();
        return TryTake(select, out item);
    }

    void ISource<T>.Add(Receiver<T> receiver) => Add(receiver);

    internal EventLoop Loop { get; }

    /// <summary>Flows that want to know when there is something to read.</summary>
    internal WaitQueue<bool> Watchers => _watchers;

    /// <summary>Whether no item will come any more.</summary>
    internal abstract bool IsOver { get; }

    /// <summary>Why not; null for an ordinary end.</summary>
    internal abstract Exception? Failure { get; }

    /// <summary>Whether a read needn't wait, be it because it is over.</summary>
    internal abstract bool IsReady(Select? select);

    internal abstract bool TryTake(Select? select, out T item);

    internal abstract void Add(Receiver<T> receiver);

    private protected abstract void OnDisposed();

    private protected TResult OnHome<TResult>(Func<SourceReader<T>, TResult> call) =>
        Loop.HasAccess ? call(this) : CallFromOutside(call);

    // What follows is apart from its callers because they would allocate its closures on the loop as well.
    private ValueTask<T> ReadFromOutside(CancellationToken token) => new(HomeCall.RunAsync(Loop, this, () => ReadAsync(token)));

    private ValueTask<bool> WaitFromOutside(CancellationToken token) => new(HomeCall.RunAsync(Loop, this, () => WaitToReadAsync(token)));

    private TResult CallFromOutside<TResult>(Func<SourceReader<T>, TResult> call) => HomeCall.Run(Loop, this, () => call(this));

    private protected void VerifyOpen() => ObjectDisposedException.ThrowIf(_isDisposed, this);
}
