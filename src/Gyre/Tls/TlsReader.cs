using System.Diagnostics;
using System.Runtime.CompilerServices;
using Gyre.Buffers;
using Gyre.Loop;
using Gyre.Net;

namespace Gyre.Tls;

/// <summary>The plain text that arrives, read from the <c>SslStream</c>.</summary>
/// <remarks>
/// Waiting is an empty read of the SslStream: it holds no buffer, ours or its own, until there is something. When the empty read
/// has ended, a real one can't wait: it copies what was decrypted, to where the consumer wants it. So no memory of a consumer is
/// ever in the hands of a read that is under way, and a consumer that gives up (cancelled, or by CancelPendingRead) leaves the
/// empty read to the next one. It waits in the loop's root scope for that reason: a SslStream whose read was torn off its
/// connection would be one more state to think of.
/// </remarks>
[DebuggerDisplay("buffered = {Buffered}, waiting = {_waiting}, ready = {_ready}, ended = {IsEnded}")]
internal sealed class TlsReader(TlsConnection connection) : LoopPipeReader<TlsConnection>(connection, connection.Loop)
{
    /// <summary>Bytes of a segment at first: a page, which holds most requests.</summary>
    private const int SegmentBytes = 4096;

    /// <summary>Bytes of a segment when the last one was filled to the brim: the most that a TLS record holds.</summary>
    private const int FullSegmentBytes = 16 * 1024;

    private Action? _onReady;
    private ConfiguredValueTaskAwaitable<int>.ConfiguredValueTaskAwaiter _empty;

    /// <summary>An empty read of the SslStream is under way. Set when it doesn't end at once, cleared when it ends.</summary>
    private bool _waiting;

    /// <summary>An empty read has ended: the next real one can't wait. Cleared by that one.</summary>
    private bool _ready;

    private bool _filledLast;

    protected override bool IsAnnounced => _ready;

    /// <summary>An end that the peer has told stays one, whatever this side does then.</summary>
    protected override bool IsClosingHere => !IsEnded && Connection.IsClosingHere;

    protected override bool DropsUnread => Connection.IsClosingHere;

    protected override Exception ClosedReason => Connection.ClosedReason;

    protected override bool IsDisposed => Connection.IsDisposed;

    /// <summary>Begins an empty read, unless there is something to read, or one is under way.</summary>
    protected override void LookForMore()
    {
        if (HasNews || _waiting)
        {
            return;
        }

        try
        {
            ConfiguredValueTaskAwaitable<int>.ConfiguredValueTaskAwaiter empty = ReadSsl(Memory<byte>.Empty).ConfigureAwait(false).GetAwaiter();
            if (empty.IsCompleted)
            {
                empty.GetResult();
                _ready = true;
                return;
            }

            _waiting = true;
            _empty = empty;
            empty.UnsafeOnCompleted(_onReady ??= OnEmptyReadEnded);
        }
#pragma warning disable CA1031 // Kept, and thrown by the read.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            Error = Connection.Explain(fault, "reading");
        }
    }

    private void OnEmptyReadEnded()
    {
        ConfiguredValueTaskAwaitable<int>.ConfiguredValueTaskAwaiter empty = _empty;
        _empty = default;
        _waiting = false;
        try
        {
            empty.GetResult();
            _ready = true;
        }
#pragma warning disable CA1031 // Kept, and thrown by the read.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            Error ??= Connection.Explain(fault, "reading");
        }

        WakeParked();
    }

    /// <summary>What was announced is decrypted into a segment.</summary>
    protected override Exception? Receive()
    {
        if (_ready && !Connection.IsClosingHere)
        {
            BufferSegment room = Room();
            int free = room.Free;
            int count = Take(room.Writable);
            _filledLast = count == free;
            room.Advance(count);
            Count(count);
            if (Buffered == 0)
            {
                ReleaseAll();
            }
        }

        return PendingError;
    }

    protected override Exception? TryCopyOut(Memory<byte> destination, out int copied)
    {
        copied = 0;
        if (TakeCancellation() is { } cancellation)
        {
            return cancellation;
        }

        if (Buffered > 0)
        {
            copied = CopyOut(destination.Span);
        }
        else if (_ready && !Connection.IsClosingHere && !destination.IsEmpty)
        {
            copied = Take(destination);
        }

        return copied == 0 && !(_ready && destination.IsEmpty) ? PendingError : null;
    }

    private BufferSegment Room()
    {
        // A little room at the end of a block isn't worth a read of its own.
        if (Tail is { Free: >= SegmentBytes / 4 } tail)
        {
            return tail;
        }

        BufferSegment segment = Loop.Buffers.RentOwned(_filledLast ? FullSegmentBytes : SegmentBytes);
        AddSegment(segment);
        return segment;
    }

    private ValueTask<int> ReadSsl(Memory<byte> destination)
    {
        using ContextSwitch atRoot = ContextSwitch.Into(Loop.Root);
        return Connection.Ssl.ReadAsync(destination);
    }

    /// <summary>The real read behind an empty one that has ended. Returns the bytes got; 0 at an end, or a fault, which is kept.</summary>
    private int Take(Memory<byte> destination)
    {
        _ready = false;
        try
        {
            ValueTask<int> read = ReadSsl(destination);
            if (!read.IsCompleted)
            {
                // Never seen. The destination may be somebody else's by the time the read ends, so it mustn't.
                Connection.Abort();
                throw new IOException($"{Connection} was aborted: its SslStream waits although it had announced bytes.");
            }

            int count = read.GetAwaiter().GetResult();
            if (count == 0)
            {
                End();
            }

            return count;
        }
#pragma warning disable CA1031 // Kept, and thrown by the read.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            Error ??= Connection.Explain(fault, "reading");
            return 0;
        }
    }

    /// <summary>SslStream reports the end of the stream for a close_notify and for the bare end of TCP alike; only the first is one.</summary>
    private void End()
    {
        if (Connection.Tcp.WasEndRead)
        {
            Error = Connection.Truncated();
        }
        else
        {
            IsEnded = true;
        }
    }
}
