using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Runtime.ExceptionServices;
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
internal sealed partial class ConnectionWriter(TcpConnection connection) : PipeWriter, IFlushWaitOwner
{
    /// <summary>Unsent bytes at which a flush waits; the default of System.IO.Pipelines.</summary>
    private const int PauseBytes = 64 * 1024;

    /// <summary>Unsent bytes at which a waiting flush goes on.</summary>
    private const int ResumeBytes = 32 * 1024;

    /// <summary>Bytes of a segment when the writer doesn't ask for more: a page, which holds most responses.</summary>
    private const int SegmentBytes = 4096;

    private readonly TcpConnection _connection = connection;
    private readonly EventLoop _loop = connection.Loop;
    private BufferSegment? _head;
    private BufferSegment? _tail;
    private int _headIndex;
    private long _inFlight;
    private long _committed;
    private long _unflushed;

    /// <summary>The flow that waits for bytes to be sent, kept for the next one; a <see cref="FileTransfer"/> while a file is sent.</summary>
    private OutputWait? _wait;
    private Exception? _error;
    private bool _flushQueued;
    private bool _completed;
    private bool _shutDown;
    private bool _cancelPending;

    /// <summary>A file is read into the output, of which a part may be on its way. In the padding, where it costs nothing.</summary>
    private bool _isCopyingFile;

    /// <summary>
    /// Whether the caller may write to the free part of the last segment: set when memory is got, cleared by the flush or
    /// completion behind it. Until then the block isn't given back, whatever happens to the connection, or the caller would
    /// write into what somebody else sends.
    /// </summary>
    private bool _leased;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _unflushed;

    /// <summary>Whether everything that was committed has been handed to the system.</summary>
    public bool IsIdle => _inFlight == 0 && _committed == 0;

    /// <summary>Whether a flow is parked in a flush.</summary>
    public bool IsWaitedFor => _wait is { IsParked: true };

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        VerifyWritable();
        BufferSegment room = Room(sizeHint);
        _leased = true;
        return room.Writable;
    }

    public override Span<byte> GetSpan(int sizeHint = 0)
    {
        VerifyWritable();
        BufferSegment room = Room(sizeHint);
        _leased = true;
        return room.WritableSpan;
    }

    public override void Advance(int bytes)
    {
        _loop.VerifyAccess(_connection);
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
        _loop.VerifyAccess(_connection);
        if (WaitSource.CancellationOf(_loop, cancellationToken) is { } cancellation)
        {
            return ValueTask.FromException<FlushResult>(cancellation);
        }

        VerifyNoFile();
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
        _loop.VerifyAccess(_connection);
        if (WaitSource.CancellationOf(_loop, token) is { } cancellation)
        {
            return ValueTask.FromException(cancellation);
        }

        VerifyNoFile();
        this.Write(data);
        return FlushOrThrowAsync(token);
    }

    public override void CancelPendingFlush()
    {
        _loop.VerifyAccess(_connection);
        _cancelPending = true;
        _wait?.WakeIfParked(null);
    }

    /// <summary>
    /// Ends the output. Without an exception what was written is sent, then the sending side is shut down; with one the
    /// connection is aborted, so that the peer can't take what it got for the whole.
    /// </summary>
    public override void Complete(Exception? exception = null)
    {
        _loop.VerifyAccess(_connection);
        if (_completed)
        {
            return;
        }

        _completed = true;
        if (exception is not null)
        {
            _leased = false;
            _connection.Abort();
            return;
        }

        Commit();
        ShutDownWhenSent();
    }

    /// <summary>Hands the bytes committed in this turn to the driver, unless a send is under way.</summary>
    public void FlushAtEndOfTurn()
    {
        _flushQueued = false;
        if (_committed == 0 || _inFlight > 0 || IsBroken)
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
        var data = new ReadOnlySequence<byte>(_head!, _headIndex, last, (int)left);
        if (_wait is FileTransfer)
        {
            _connection.Driver.StartSendWithMore(data);
        }
        else if (_completed || _wait is { IsParked: true })
        {
            _connection.Driver.StartSend(data);
        }
        else
        {
            _connection.Driver.StartQuietSend(data);
        }
    }

    /// <summary>The driver has ended the send.</summary>
    public void OnSent(SocketError error)
    {
        if (_wait is FileTransfer { IsUnderWay: true } file)
        {
            OnFileSent(file, error);
            return;
        }

        long sent = _inFlight;
        _inFlight = 0;
        if (error != SocketError.Success)
        {
            Fail(_connection.BrokenBy(error, "sending"));
            return;
        }

        Consume(sent);
        QueueFlush();
        ShutDownWhenSent();
        if (_wait is FileTransfer waiting)
        {
            StartFileWhenFree(waiting);
        }
        else if (_inFlight + _committed <= ResumeBytes)
        {
            _wait?.WakeIfParked(null);
        }
    }

    /// <summary>The connection was disposed while it still sends: whoever waited for room is told; what was flushed still goes out.</summary>
    public void FailWaitingFlush(Exception reason) => _wait?.WakeIfParked(reason);

    /// <summary>The connection was closed on this side.</summary>
    public void OnConnectionClosing() => DropUnsent();

    /// <summary>The driver is done with the connection, and with what was under way.</summary>
    public void OnConnectionClosed()
    {
        _inFlight = 0;
        DropUnsent();
    }

    /// <summary>Nothing more can be sent: waiting flushes end, and what isn't under way is dropped.</summary>
    private void Fail(Exception error)
    {
        _error ??= error;
        DropUnsent();
    }

    private void DropUnsent()
    {
        _committed = 0;
        _wait?.WakeIfParked(null);
        if (_inFlight > 0)
        {
            return;
        }

        BufferSegment? kept = _leased ? _tail : null;
        while (_head is { } segment && segment != kept)
        {
            _head = segment.NextSegment;
            _loop.Buffers.Return(segment);
        }

        _tail = kept;
        _headIndex = kept?.End ?? 0;
        _unflushed = 0;
    }

    public void VerifyWritable()
    {
        _loop.VerifyAccess(_connection);
        if (_completed)
        {
            ObjectDisposedException.ThrowIf(_connection.IsDisposed, _connection);
            throw new InvalidOperationException($"The output of {_connection} was completed; nothing can be written to it any more.");
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

        ReleaseSentTail();
        BufferSegment segment = _loop.Buffers.RentOwned(Math.Max(sizeHint, SegmentBytes));
        if (_tail is null)
        {
            _head = segment;
            _headIndex = 0;
        }
        else
        {
            _tail.Append(segment);
        }

        _tail = segment;
        return segment;
    }

    private void Commit()
    {
        _committed += _unflushed;
        _unflushed = 0;
        _leased = false;
        if (IsBroken)
        {
            DropUnsent();
            return;
        }

        ReleaseSentTail();
        QueueFlush();
    }

    /// <summary>Gives back a last segment that was kept for the sake of a lease and holds nothing unsent.</summary>
    private void ReleaseSentTail()
    {
        if (_tail is { } tail && tail == _head && _headIndex == tail.End)
        {
            _head = null;
            _tail = null;
            _headIndex = 0;
            _loop.Buffers.Return(tail);
        }
    }

    private void QueueFlush()
    {
        if (_committed > 0 && _inFlight == 0 && !_flushQueued)
        {
            _flushQueued = true;
            _loop.FlushAtEndOfTurn(_connection);
        }
    }

    private bool MustWait() =>
        !_cancelPending && !IsBroken && (_inFlight + _committed >= PauseBytes || --_loop.Budget <= 0);

    private FlushWait Park(CancellationToken token)
    {
        var wait = (FlushWait)(_wait ??= new FlushWait(_loop, this));
        wait.Begin(_connection, token);
        if (_inFlight + _committed < PauseBytes)
        {
            // Satisfied already, but the budget is spent: the peers run first.
            wait.WakeIfParkedInNextTurn();
        }

        return wait;
    }

    public FlushResult TakeResult()
    {
        bool cancelled = _cancelPending;
        _cancelPending = false;
        return new FlushResult(cancelled, isCompleted: IsBroken);
    }

    private void ShutDownWhenSent()
    {
        if (_completed && IsIdle && !_shutDown && !IsBroken && !IsSendingFile)
        {
            _shutDown = true;
            _connection.Driver.ShutdownSend();
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
            if (segment == _tail && _leased)
            {
                _headIndex = segment.End;
                return;
            }

            _head = segment.NextSegment;
            _headIndex = 0;
            if (_head is null)
            {
                _tail = null;
            }

            _loop.Buffers.Return(segment);
        }
    }
}
