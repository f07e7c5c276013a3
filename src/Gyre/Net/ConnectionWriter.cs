using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Threading.Tasks.Sources;
using Gyre.Buffers;
using Gyre.Diagnostics;
using Gyre.LowLevel;

namespace Gyre.Net;

/// <summary>The sending half of a connection, as a loop-native <see cref="PipeWriter"/> without locks.</summary>
/// <remarks>
/// A flush commits; what was committed in a turn goes out in one send at the turn's end. Flushing waits only when more than
/// the pause threshold is unsent. A segment under way is the kernel's until the send has ended; then it goes back, so that
/// an idle connection holds none.
/// </remarks>
[DebuggerDisplay("in flight = {_inFlight}, committed = {_committed}, unflushed = {_unflushed}")]
internal sealed class ConnectionWriter(TcpConnection connection) : PipeWriter
{
    /// <summary>Unsent bytes at which a flush waits; the default of System.IO.Pipelines.</summary>
    private const int PauseBytes = 64 * 1024;

    /// <summary>Unsent bytes at which a waiting flush goes on.</summary>
    private const int ResumeBytes = 32 * 1024;

    /// <summary>Bytes of a segment when the writer doesn't ask for more: a page, which holds most responses.</summary>
    private const int SegmentBytes = 4096;

    private readonly EventLoop _loop = connection.Loop;
    private BufferSegment? _head;
    private BufferSegment? _tail;
    private int _headIndex;
    private long _inFlight;
    private long _committed;
    private long _unflushed;
    private FlushWait? _wait;
    private Exception? _error;
    private bool _flushQueued;
    private bool _completed;
    private bool _shutDown;
    private bool _cancelPending;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _unflushed;

    /// <summary>Whether everything that was committed has been handed to the system.</summary>
    public bool IsIdle => _inFlight == 0 && _committed == 0;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        VerifyWritable();
        return Room(sizeHint).Writable;
    }

    public override Span<byte> GetSpan(int sizeHint = 0)
    {
        VerifyWritable();
        return Room(sizeHint).WritableSpan;
    }

    public override void Advance(int bytes)
    {
        if (_tail is null ? bytes != 0 : (uint)bytes > (uint)_tail.Free)
        {
            throw new ArgumentOutOfRangeException(
                nameof(bytes), bytes, $"Can't advance by {bytes}: the memory got last has {_tail?.Free ?? 0} bytes left. Call GetMemory first.");
        }

        if (bytes > 0)
        {
            _tail!.Advance(bytes);
            _unflushed += bytes;
        }
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        _loop.VerifyAccess(connection);
        if (WaitSource.CancellationOf(_loop, cancellationToken) is { } cancellation)
        {
            return ValueTask.FromException<FlushResult>(cancellation);
        }

        Commit();
        if (!MustWait())
        {
            return new ValueTask<FlushResult>(TakeResult());
        }

        return Park(cancellationToken).Task;
    }

    /// <summary>Writes and flushes as a stream does: a broken connection throws.</summary>
    public ValueTask WriteAndFlushAsync(ReadOnlySpan<byte> data, CancellationToken token)
    {
        _loop.VerifyAccess(connection);
        if (WaitSource.CancellationOf(_loop, token) is { } cancellation)
        {
            return ValueTask.FromException(cancellation);
        }

        this.Write(data);
        Commit();
        if (_error is not null)
        {
            return ValueTask.FromException(_error);
        }

        return MustWait() ? Park(token).TaskOfStream : default;
    }

    public override void CancelPendingFlush()
    {
        _loop.VerifyAccess(connection);
        _cancelPending = true;
        _wait?.WakeIfParked(null);
    }

    /// <summary>
    /// Ends the output. Without an exception what was written is sent, then the sending side is shut down; with one the
    /// connection is aborted, so that the peer can't take what it got for the whole.
    /// </summary>
    public override void Complete(Exception? exception = null)
    {
        _loop.VerifyAccess(connection);
        if (_completed)
        {
            return;
        }

        _completed = true;
        if (exception is not null)
        {
            connection.Abort();
            return;
        }

        Commit();
        ShutDownWhenSent();
    }

    /// <summary>Hands the bytes committed in this turn to the driver, unless a send is under way.</summary>
    public void FlushAtEndOfTurn()
    {
        _flushQueued = false;
        if (_committed == 0 || _inFlight > 0 || _error is not null || connection.IsClosing)
        {
            return;
        }

        BufferSegment last = _head!;
        long left = _headIndex + _committed;
        while (left > last.End)
        {
            left -= last.End;
            last = last.NextSegment!;
        }

        _inFlight = _committed;
        _committed = 0;
        connection.Driver.StartSend(new ReadOnlySequence<byte>(_head!, _headIndex, last, (int)left));
    }

    /// <summary>The driver has ended the send.</summary>
    public void OnSent(SocketError error)
    {
        long sent = _inFlight;
        _inFlight = 0;
        if (error != SocketError.Success)
        {
            Fail(connection.BrokenBy(error, "sending"));
            return;
        }

        Consume(sent);
        QueueFlush();
        ShutDownWhenSent();
        if (_inFlight + _committed <= ResumeBytes)
        {
            _wait?.WakeIfParked(null);
        }
    }

    /// <summary>Nothing more can be sent: waiting flushes end, and what isn't under way is dropped.</summary>
    public void Fail(Exception error)
    {
        _error ??= error;
        _committed = 0;
        _wait?.WakeIfParked(null);
        if (_inFlight == 0)
        {
            ReleaseAll();
        }
    }

    /// <summary>Gives everything back; the driver is done with the connection.</summary>
    public void ReleaseAll()
    {
        while (_head is { } segment)
        {
            _head = segment.NextSegment;
            _loop.Buffers.Return(segment);
        }

        _tail = null;
        _headIndex = 0;
        _inFlight = 0;
        _committed = 0;
        _unflushed = 0;
    }

    private void VerifyWritable()
    {
        _loop.VerifyAccess(connection);
        if (_completed)
        {
            throw new InvalidOperationException($"The output of {connection} was completed; nothing can be written to it any more.");
        }
    }

    private BufferSegment Room(int sizeHint)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        BufferSegment? tail = _tail;
        if (tail is not null && tail.Free >= Math.Max(sizeHint, 1))
        {
            return tail;
        }

        BufferSegment segment = _loop.Buffers.RentOwned(Math.Max(sizeHint, SegmentBytes));
        if (tail is null)
        {
            _head = segment;
            _headIndex = 0;
        }
        else
        {
            tail.Append(segment);
        }

        _tail = segment;
        return segment;
    }

    private void Commit()
    {
        _committed += _unflushed;
        _unflushed = 0;
        if (_error is not null)
        {
            Fail(_error);
            return;
        }

        QueueFlush();
    }

    private void QueueFlush()
    {
        if (_committed > 0 && _inFlight == 0 && !_flushQueued)
        {
            _flushQueued = true;
            _loop.FlushAtEndOfTurn(connection);
        }
    }

    private bool MustWait() =>
        !_cancelPending && _error is null && (_inFlight + _committed >= PauseBytes || --_loop.Budget <= 0);

    private FlushWait Park(CancellationToken token)
    {
        FlushWait wait = _wait ??= new FlushWait(this);
        wait.Begin(connection, token);
        if (_inFlight + _committed < PauseBytes)
        {
            // Satisfied already, but the budget is spent: the peers run first.
            wait.WakeIfParked(null);
        }

        return wait;
    }

    private FlushResult TakeResult()
    {
        bool cancelled = _cancelPending;
        _cancelPending = false;
        return new FlushResult(cancelled, isCompleted: _error is not null);
    }

    private void ShutDownWhenSent()
    {
        if (_completed && IsIdle && !_shutDown && _error is null && !connection.IsClosing)
        {
            _shutDown = true;
            connection.Driver.ShutdownSend();
        }
    }

    private void Consume(long bytes)
    {
        while (bytes > 0)
        {
            BufferSegment segment = _head!;
            int available = segment.End - _headIndex;
            if (bytes < available)
            {
                _headIndex += (int)bytes;
                return;
            }

            bytes -= available;
            _head = segment.NextSegment;
            _headIndex = 0;
            if (_head is null)
            {
                _tail = null;
            }

            _loop.Buffers.Return(segment);
        }
    }

    private sealed class FlushWait(ConnectionWriter writer)
        : WaitSource(writer._loop), IValueTaskSource<FlushResult>, IValueTaskSource
    {
        public ValueTask<FlushResult> Task => new(this, Version);

        public ValueTask TaskOfStream => new(this, Version);

        public void Begin(TcpConnection connection, CancellationToken token) => Park(WaitKind.Send, connection, token);

        public void WakeIfParked(Exception? error)
        {
            if (IsParked)
            {
                Wake(error);
            }
        }

        FlushResult IValueTaskSource<FlushResult>.GetResult(short token)
        {
            TakeOutcome(token);
            return writer.TakeResult();
        }

        void IValueTaskSource.GetResult(short token)
        {
            TakeOutcome(token);
            if (writer._error is { } error)
            {
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(error);
            }
        }

        ValueTaskSourceStatus IValueTaskSource<FlushResult>.GetStatus(short token) => StatusOf(token);

        ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => StatusOf(token);

        void IValueTaskSource<FlushResult>.OnCompleted(
            Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            SetContinuation(continuation, state, token, flags);

        void IValueTaskSource.OnCompleted(
            Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            SetContinuation(continuation, state, token, flags);
    }
}
