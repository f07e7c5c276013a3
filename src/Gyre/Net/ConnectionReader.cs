using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Runtime.ExceptionServices;
using Gyre.Buffers;
using Gyre.Drivers;
using Gyre.Loop;
using Gyre.LowLevel;

namespace Gyre.Net;

/// <summary>The receiving half of a connection, as a loop-native <see cref="PipeReader"/> without locks.</summary>
/// <remarks>
/// Receive buffers of the driver are transit. A buffer that arrives while a reader waits is read in place; whatever is left
/// of it at the end of a turn, or when the reader next waits, is copied to the connection's own memory, and the driver's
/// buffer goes back: a reader that turns to something else holds none. What arrives while nobody waits, or while buffers
/// are scarce, is copied at once. An idle connection holds no buffer at all.
/// </remarks>
[DebuggerDisplay("buffered = {_buffered}, receiving = {_receiving}, ended = {_ended}")]
internal sealed partial class ConnectionReader(TcpConnection connection) : PipeReader, IFlushable
{
    /// <summary>Unread bytes at which receiving pauses; the default of System.IO.Pipelines.</summary>
    private const int PauseBytes = 64 * 1024;

    /// <summary>Unread bytes below which receiving resumes.</summary>
    private const int ResumeBytes = 32 * 1024;

    private readonly EventLoop _loop = connection.Loop;
    private BufferSegment? _head;
    private BufferSegment? _tail;
    private int _headIndex;
    private long _buffered;
    private long _examined;
    private ReceivedBuffer _borrowed;
    private WaitSource? _parked;
    private PipeWait? _pipeWait;
    private CopyWait? _copyWait;
    private Exception? _error;
    private bool _isBorrowing;
    private bool _willSettle;
    private bool _started;
    private bool _receiving;
    private bool _stopping;
    private bool _ended;
    private bool _cancelPending;
    private bool _reading;
    private bool _completed;

    private bool HasNews => _buffered > _examined || _ended || _cancelPending || IsBroken;

    /// <summary>A read that was woken and has not yet taken its bytes counts too: they are promised to it.</summary>
    public bool IsReadUnderWay => _pipeWait is { IsInUse: true } || _copyWait is { IsInUse: true };

    /// <summary>Whether a read into memory was answered by the end of the stream. An empty read can't tell, and isn't counted.</summary>
    public bool WasEndRead { get; private set; }

    /// <summary>Whether the peer has ended its side in order.</summary>
    public bool IsEnded => _ended;

    /// <summary>Whether receiving failed; also once this side has closed.</summary>
    public bool IsFailed => _error is not null;

    private bool IsBroken => _error is not null || connection.IsClosingHere;

    /// <summary>What a read throws that has nothing else to give; null when there is something, or nothing is wrong.</summary>
    private Exception? PendingError =>
        _buffered <= _examined && !_cancelPending && IsBroken ? _error ??= connection.ClosedReason : null;

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        _loop.VerifyAccess(connection);
        VerifyReadable();
        if (WaitSource.CancellationOf(_loop, cancellationToken) is { } cancellation)
        {
            return ValueTask.FromException<ReadResult>(cancellation);
        }

        if (HasNews && --_loop.Budget > 0)
        {
            return PendingError is { } error ? ValueTask.FromException<ReadResult>(error) : new ValueTask<ReadResult>(TakeResult());
        }

        PipeWait wait = _pipeWait ??= new PipeWait(this);
        ParkOn(wait, cancellationToken);
        return wait.Task;
    }

    /// <summary>
    /// Reads into <paramref name="destination"/>: the stream's way, without an async method between source and awaiter. An
    /// empty destination waits until there is something to read, as a socket does.
    /// </summary>
    public ValueTask<int> ReadIntoAsync(Memory<byte> destination, CancellationToken cancellationToken)
    {
        _loop.VerifyAccess(connection);
        VerifyReadable();
        if (WaitSource.CancellationOf(_loop, cancellationToken) is { } cancellation)
        {
            return ValueTask.FromException<int>(cancellation);
        }

        // A stream has no notion of bytes that were examined: whatever is buffered can be read.
        _examined = 0;
        if (HasNews && --_loop.Budget > 0)
        {
            return TryCopyOut(destination.Span, out int copied) is { } error
                ? ValueTask.FromException<int>(error)
                : new ValueTask<int>(copied);
        }

        CopyWait wait = _copyWait ??= new CopyWait(this);
        wait.Destination = destination;
        ParkOn(wait, cancellationToken);
        return wait.Task;
    }

    public override bool TryRead(out ReadResult result)
    {
        _loop.VerifyAccess(connection);
        VerifyReadable();
        if (!HasNews)
        {
            // Who only ever looks has to see something in the end.
            if (!_receiving)
            {
                StartReceiving();
            }

            result = default;
            return false;
        }

        if (PendingError is { } error)
        {
            ExceptionDispatchInfo.Throw(error);
        }

        result = TakeResult();
        return true;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        _loop.VerifyAccess(connection);
        if (!_reading)
        {
            throw new InvalidOperationException($"AdvanceTo on {connection} without a read before it; call it once after each ReadAsync.");
        }

        if (_head is not null)
        {
            long consumedBytes = OffsetOf(consumed);
            long examinedBytes = OffsetOf(examined);
            if (consumedBytes < 0 || consumedBytes > examinedBytes || examinedBytes > _buffered)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(examined),
                    $"Consumed {consumedBytes} and examined {examinedBytes} of {_buffered} bytes; need consumed ≤ examined ≤ buffered, " +
                    "and positions of the last read.");
            }

            _examined = examinedBytes;
            Consume(consumedBytes);
        }

        _reading = false;
        ReleaseIfClosed();
    }

    public override void CancelPendingRead()
    {
        _loop.VerifyAccess(connection);
        _cancelPending = true;
        WakeParked();
    }

    public override void Complete(Exception? exception = null)
    {
        _loop.VerifyAccess(connection);
        if (_completed)
        {
            return;
        }

        _completed = true;
        _reading = false;
        if (_parked is IReadWait parked)
        {
            _parked = null;
            parked.End(connection.IsClosingHere ? connection.ClosedReason : Completed());
        }

        ReleaseAll();
        StopReceiving();
    }

    /// <summary>Drops what has arrived and wasn't read.</summary>
    /// <exception cref="InvalidOperationException">A read is under way, or wasn't ended.</exception>
    public void DiscardBuffered()
    {
        VerifyReadable();
        _examined = 0;
        if (_buffered > 0)
        {
            Consume(_buffered);
        }
    }

    /// <summary>The driver delivered bytes.</summary>
    public void OnReceived(in ReceivedBuffer buffer)
    {
        if (_completed)
        {
            buffer.Return();
            return;
        }

        _buffered += buffer.Length;
        if (_parked is not null && _head is null && !buffer.IsScarce)
        {
            _borrowed = buffer;
            _isBorrowing = true;
            _head = _tail = _loop.Buffers.RentBorrowed(buffer.Array, buffer.Offset, buffer.Length);
        }
        else
        {
            Append(buffer.Span);
            buffer.Return();
        }

        if (_buffered >= PauseBytes)
        {
            StopReceiving();
        }

        WakeParked();
    }

    /// <summary>The driver has stopped receiving: by request, at the end of the stream, or because it broke.</summary>
    public void OnReceiveEnded(ReceiveEnd end, Exception? error)
    {
        _receiving = false;
        _stopping = false;
        if (end == ReceiveEnd.Stopped)
        {
            if (!_completed && (_parked is not null || _buffered < ResumeBytes))
            {
                StartReceiving();
            }

            return;
        }

        _ended = end == ReceiveEnd.EndOfStream;
        _error = error;
        WakeParked();
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
            ReleaseIfClosed();
        }
    }

    /// <summary>What is unread when the connection is closed on this side is dropped, once nobody looks at it.</summary>
    private void ReleaseIfClosed()
    {
        if (connection.IsClosed && !_reading)
        {
            ReleaseAll();
        }
    }

    private void VerifyReadable()
    {
        if (_completed)
        {
            ObjectDisposedException.ThrowIf(connection.IsDisposed, connection);
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

    private void ParkOn(WaitSource wait, CancellationToken token)
    {
        Settle();
        var read = (IReadWait)wait;
        read.Begin(connection, token);
        if (!wait.IsParked)
        {
            // The token was cancelled while the wait parked.
            return;
        }

        _parked = wait;
        if (HasNews)
        {
            // Satisfied already, but the budget is spent: the peers run first.
            _parked = null;
            read.EndInNextTurn();
        }
        else if (!_receiving)
        {
            StartReceiving();
        }
    }

    private void WakeParked()
    {
        if (_parked is IReadWait wait)
        {
            _parked = null;
            wait.End(PendingError);
        }
    }

    private InvalidOperationException Completed() =>
        new($"The input of {connection} was completed; nothing can be read from it any more.");

    private void StartReceiving()
    {
        if (_ended || _completed || IsBroken)
        {
            return;
        }

        _started = true;
        _receiving = true;
        connection.Driver.StartReceive();
    }

    private void StopReceiving()
    {
        if (_receiving && !_stopping && !connection.IsClosed)
        {
            _stopping = true;
            connection.Driver.StopReceive();
        }
    }

    private ReadResult TakeResult()
    {
        bool cancelled = _cancelPending;
        _cancelPending = false;
        _reading = true;
        ReadOnlySequence<byte> buffer = _head is null
            ? ReadOnlySequence<byte>.Empty
            : new ReadOnlySequence<byte>(_head, _headIndex, _tail!, _tail!.End);
        return new ReadResult(buffer, cancelled, _ended);
    }

    /// <summary>Reads what is there; returns what to throw instead when there is nothing.</summary>
    private Exception? TryCopyOut(Span<byte> destination, out int copied)
    {
        copied = 0;
        if (_cancelPending)
        {
            _cancelPending = false;
            return new OperationCanceledException($"CancelPendingRead ended a read of {connection}.");
        }

        if (PendingError is { } error)
        {
            return error;
        }

        copied = CopyOut(destination);
        if (copied == 0 && destination.Length > 0)
        {
            WasEndRead = true;
        }

        return null;
    }
}
