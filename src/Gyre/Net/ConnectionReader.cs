using System.Diagnostics;
using Gyre.Buffers;
using Gyre.Drivers;
using Gyre.Loop;

namespace Gyre.Net;

/// <summary>The receiving half of a connection.</summary>
/// <remarks>
/// Receive buffers of the driver are transit. A buffer that arrives while a reader waits is read in place; whatever is left
/// of it at the end of a turn, or when the reader next waits, is copied to the connection's own memory, and the driver's
/// buffer goes back: a reader that turns to something else holds none. What arrives while nobody waits, or while buffers
/// are scarce, is copied at once. An idle connection holds no buffer at all.
/// </remarks>
[DebuggerDisplay("buffered = {Buffered}, receiving = {_receiving}, ended = {IsEnded}")]
internal sealed class ConnectionReader(TcpConnection connection) : LoopPipeReader<TcpConnection>(connection, connection.Loop), IFlushable
{
    /// <summary>Unread bytes at which receiving pauses; the default of System.IO.Pipelines.</summary>
    private const int PauseBytes = 64 * 1024;

    /// <summary>Unread bytes below which receiving resumes.</summary>
    private const int ResumeBytes = 32 * 1024;

    /// <summary>Bytes of a segment behind others.</summary>
    private const int SegmentBytes = 4096;

    private ReceivedBuffer _borrowed;
    private bool _isBorrowing;
    private bool _willSettle;
    private bool _started;
    private bool _receiving;
    private bool _stopping;

    /// <summary>Whether a read into memory was answered by the end of the stream. An empty read can't tell, and isn't counted.</summary>
    public bool WasEndRead { get; private set; }

    /// <summary>Whether receiving failed; also once this side has closed.</summary>
    public bool IsFailed => Error is not null;

    protected override bool IsClosingHere => Connection.IsClosingHere;

    protected override bool DropsUnread => Connection.IsClosed;

    protected override Exception ClosedReason => Connection.ClosedReason;

    protected override bool IsDisposed => Connection.IsDisposed;

    /// <summary>The driver delivered bytes.</summary>
    public void OnReceived(in ReceivedBuffer buffer)
    {
        if (IsCompleted)
        {
            buffer.Return();
            return;
        }

        if (IsParked && Head is null && !buffer.IsScarce)
        {
            _borrowed = buffer;
            _isBorrowing = true;
            AddSegment(Loop.Buffers.RentBorrowed(buffer.Array, buffer.Offset, buffer.Length));
            Count(buffer.Length);
        }
        else
        {
            Append(buffer.Span);
            buffer.Return();
        }

        if (Buffered >= PauseBytes)
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
            if (!IsCompleted && (IsParked || Buffered < ResumeBytes))
            {
                StartReceiving();
            }

            return;
        }

        IsEnded = end == ReceiveEnd.EndOfStream;
        Error = error;
        WakeParked();
    }

    /// <summary>
    /// The reader left something of a borrowed buffer in this turn. Unless it looks at it again by now, which an
    /// AdvanceTo will end, the buffer goes back.
    /// </summary>
    void IFlushable.FlushAtEndOfTurn()
    {
        _willSettle = false;
        if (!IsLookedAt)
        {
            Settle();
        }
    }

    protected override void OnParking() => Settle();

    protected override void OnNothingToRead()
    {
        if (!_receiving)
        {
            StartReceiving();
        }
    }

    protected override void OnCompleted() => StopReceiving();

    protected override void OnConsumed()
    {
        if (_isBorrowing && !_willSettle)
        {
            _willSettle = true;
            Loop.FlushAtEndOfTurn(this);
        }

        if (Buffered < ResumeBytes && _started && !_receiving)
        {
            StartReceiving();
        }
    }

    protected override void Release(BufferSegment segment)
    {
        if (!segment.IsOwned && _isBorrowing)
        {
            _isBorrowing = false;
            _borrowed.Return();
            _borrowed = default;
        }

        base.Release(segment);
    }

    protected override Exception? TryCopyOut(Memory<byte> destination, out int copied)
    {
        Exception? error = base.TryCopyOut(destination, out copied);
        if (error is null && copied == 0 && destination.Length > 0)
        {
            WasEndRead = true;
        }

        return error;
    }

    /// <summary>What a reader left of a borrowed buffer moves to the connection's own memory.</summary>
    private void Settle()
    {
        if (!_isBorrowing)
        {
            return;
        }

        ReadOnlySpan<byte> leftover = First;
        BufferSegment own = Loop.Buffers.RentOwned(leftover.Length);
        own.Fill(leftover);
        ReplaceHead(own);
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        Count(bytes.Length);
        while (bytes.Length > 0)
        {
            if (Tail is null || !Tail.IsOwned || Tail.Free == 0)
            {
                AddSegment(Loop.Buffers.RentOwned(Tail is null ? bytes.Length : Math.Max(bytes.Length, SegmentBytes)));
            }

            int count = Math.Min(bytes.Length, Tail!.Free);
            Tail.Fill(bytes[..count]);
            bytes = bytes[count..];
        }
    }

    private void StartReceiving()
    {
        if (IsEnded || IsCompleted || IsBroken)
        {
            return;
        }

        _started = true;
        _receiving = true;
        Connection.Driver.StartReceive();
    }

    private void StopReceiving()
    {
        if (_receiving && !_stopping && !Connection.IsClosed)
        {
            _stopping = true;
            Connection.Driver.StopReceive();
        }
    }
}
