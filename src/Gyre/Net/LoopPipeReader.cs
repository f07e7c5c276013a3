using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.ExceptionServices;
using Gyre.Buffers;
using Gyre.LowLevel;

namespace Gyre.Net;

/// <summary>
/// What the readers of connections have in common: the contract of <see cref="PipeReader"/> without locks, one wait at a time, and the
/// unread bytes. Where those come from is the derived class's.
/// </summary>
/// <typeparam name="TConnection">Whose reader it is: it is named in messages and waits.</typeparam>
internal abstract partial class LoopPipeReader<TConnection>(TConnection connection, EventLoop loop) : PipeReader
    where TConnection : class
{
    private WaitSource? _parked;
    private PipeWait? _pipeWait;
    private CopyWait? _copyWait;
    private bool _cancelPending;
    private bool _reading;
    private bool _completed;

    /// <summary>A read that was woken and has not yet taken its bytes counts too: they are promised to it.</summary>
    public bool IsReadUnderWay => _pipeWait is { IsInUse: true } || _copyWait is { IsInUse: true };

    protected TConnection Connection => connection;

    protected EventLoop Loop => loop;

    /// <summary>Whether a reader is parked, so that what comes next is for it.</summary>
    protected bool IsParked => _parked is not null;

    /// <summary>Whether a reader looks at the bytes: from a read's end to its AdvanceTo.</summary>
    protected bool IsLookedAt => _reading;

    protected bool IsCompleted => _completed;

    /// <summary>Whether the peer has ended its side in order.</summary>
    public bool IsEnded { get; protected set; }

    /// <summary>What went wrong; kept for every read that has nothing else to give.</summary>
    protected Exception? Error { get; set; }

    /// <summary>Whether something was announced that <see cref="Receive"/> will fetch.</summary>
    protected virtual bool IsAnnounced => false;

    /// <summary>Whether this side has closed, in either way, so that reads fail.</summary>
    protected abstract bool IsClosingHere { get; }

    /// <summary>Whether the unread bytes are to be dropped, because this side has closed.</summary>
    protected abstract bool DropsUnread { get; }

    protected abstract Exception ClosedReason { get; }

    protected abstract bool IsDisposed { get; }

    protected bool IsBroken => Error is not null || IsClosingHere;

    protected bool HasNews => Buffered > _examined || IsAnnounced || IsEnded || _cancelPending || IsBroken;

    /// <summary>What a read throws that has nothing else to give; null when there is something, or nothing is wrong.</summary>
    protected Exception? PendingError =>
        Buffered <= _examined && !_cancelPending && IsBroken ? Error ??= ClosedReason : null;

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        loop.VerifyAccess(connection);
        VerifyReadable();
        if (WaitSource.CancellationOf(loop, cancellationToken) is { } cancellation)
        {
            return ValueTask.FromException<ReadResult>(cancellation);
        }

        LookForMore();
        if (HasNews && --loop.Budget > 0)
        {
            return Receive() is { } error ? ValueTask.FromException<ReadResult>(error) : new ValueTask<ReadResult>(TakeResult());
        }

        PipeWait wait = _pipeWait ??= new PipeWait(this, loop);
        ParkOn(wait, cancellationToken);
        return wait.Task;
    }

    /// <summary>
    /// Reads into <paramref name="destination"/>: the stream's way, without an async method between source and awaiter. An
    /// empty destination waits until there is something to read, as a socket does.
    /// </summary>
    public ValueTask<int> ReadIntoAsync(Memory<byte> destination, CancellationToken cancellationToken)
    {
        loop.VerifyAccess(connection);
        VerifyReadable();
        if (WaitSource.CancellationOf(loop, cancellationToken) is { } cancellation)
        {
            return ValueTask.FromException<int>(cancellation);
        }

        // A stream has no notion of bytes that were examined: whatever is buffered can be read.
        _examined = 0;
        LookForMore();
        if (HasNews && --loop.Budget > 0)
        {
            return TryCopyOut(destination, out int copied) is { } error ? ValueTask.FromException<int>(error) : new ValueTask<int>(copied);
        }

        CopyWait wait = _copyWait ??= new CopyWait(this, loop);
        wait.Destination = destination;
        ParkOn(wait, cancellationToken);
        return wait.Task;
    }

    public override bool TryRead(out ReadResult result)
    {
        loop.VerifyAccess(connection);
        VerifyReadable();
        LookForMore();
        if (!HasNews)
        {
            // Who only ever looks has to see something in the end.
            OnNothingToRead();
            result = default;
            return false;
        }

        if (Receive() is { } error)
        {
            ExceptionDispatchInfo.Throw(error);
        }

        result = TakeResult();
        return true;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        loop.VerifyAccess(connection);
        if (!_reading)
        {
            throw new InvalidOperationException($"AdvanceTo on {connection} without a read before it; call it once after each ReadAsync.");
        }

        Advance(consumed, examined);
        _reading = false;
        DropUnreadIfClosed();
    }

    public override void CancelPendingRead()
    {
        loop.VerifyAccess(connection);
        _cancelPending = true;
        WakeParked();
    }

    public override void Complete(Exception? exception = null)
    {
        loop.VerifyAccess(connection);
        if (_completed)
        {
            return;
        }

        _completed = true;
        _reading = false;
        if (_parked is IReadWait parked)
        {
            _parked = null;
            parked.End(IsClosingHere ? ClosedReason : Completed());
        }

        ReleaseAll();
        OnCompleted();
    }

    /// <summary>
    /// The connection was closed on this side: a waiting reader fails, buffers go back. What a reader is looking at stays
    /// until it is done, or it would see what somebody else receives.
    /// </summary>
    public void OnConnectionClosing()
    {
        WakeParked();
        if (!IsReadUnderWay)
        {
            DropUnreadIfClosed();
        }
    }

    /// <summary>Before it is decided whether a read has to wait.</summary>
    protected virtual void LookForMore()
    {
    }

    /// <summary>Fetches what was announced; returns what to throw instead when there is nothing.</summary>
    protected virtual Exception? Receive() => PendingError;

    /// <summary>Before a reader waits.</summary>
    protected virtual void OnParking()
    {
    }

    /// <summary>A reader waits, or looked in vain.</summary>
    protected virtual void OnNothingToRead()
    {
    }

    protected virtual void OnCompleted()
    {
    }

    /// <summary>Something to read has come, or the reason why nothing will.</summary>
    protected void WakeParked()
    {
        if (_parked is IReadWait wait)
        {
            _parked = null;
            wait.End(PendingError);
        }
    }

    protected void VerifyReadable()
    {
        if (_completed)
        {
            ObjectDisposedException.ThrowIf(IsDisposed, connection);
            throw Completed();
        }

        if (IsReadUnderWay)
        {
            throw new InvalidOperationException($"A read of {connection} is under way already; one flow at a time may read.");
        }

        if (_reading)
        {
            throw new InvalidOperationException($"The last read of {connection} was not ended; call AdvanceTo before the next ReadAsync.");
        }
    }

    /// <summary>Reads what is there; returns what to throw instead when there is nothing.</summary>
    protected virtual Exception? TryCopyOut(Memory<byte> destination, out int copied)
    {
        copied = 0;
        if (TakeCancellation() is { } cancellation)
        {
            return cancellation;
        }

        if (PendingError is { } error)
        {
            return error;
        }

        copied = CopyOut(destination.Span);
        return null;
    }

    /// <summary>What a read into memory throws that CancelPendingRead ended.</summary>
    protected OperationCanceledException? TakeCancellation()
    {
        if (!_cancelPending)
        {
            return null;
        }

        _cancelPending = false;
        return new OperationCanceledException($"CancelPendingRead ended a read of {connection}.");
    }

    private void ParkOn(WaitSource wait, CancellationToken token)
    {
        OnParking();
        var read = (IReadWait)wait;
        read.Begin(connection, token);
        if (!wait.IsParked)
        {
            // The token was cancelled while the wait parked.
            return;
        }

        if (HasNews)
        {
            // Satisfied already, but the budget is spent: the peers run first.
            read.EndInNextTurn();
            return;
        }

        _parked = wait;
        OnNothingToRead();
    }

    private void DropUnreadIfClosed()
    {
        if (DropsUnread && !_reading)
        {
            ReleaseAll();
        }
    }

    private InvalidOperationException Completed() =>
        new($"The input of {connection} was completed; nothing can be read from it any more.");

    private ReadResult TakeResult()
    {
        bool cancelled = _cancelPending;
        _cancelPending = false;
        _reading = true;
        return new ReadResult(Unread, cancelled, IsEnded);
    }
}
