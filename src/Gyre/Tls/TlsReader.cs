using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Gyre.Buffers;
using Gyre.Loop;
using Gyre.LowLevel;

namespace Gyre.Tls;

/// <summary>The plain text that arrives, as a loop-native <see cref="PipeReader"/> over the <c>SslStream</c>.</summary>
/// <remarks>
/// Waiting is an empty read of the SslStream: it holds no buffer, ours or its own, until there is something. When the empty read
/// has ended, a real one can't wait: it copies what was decrypted, to where the consumer wants it. So no memory of a consumer is
/// ever in the hands of a read that is under way, and a consumer that gives up (cancelled, or by CancelPendingRead) leaves the
/// empty read to the next one. It waits in the loop's root scope for that reason: a SslStream whose read was torn off its
/// connection would be one more state to think of.
/// </remarks>
[DebuggerDisplay("buffered = {_buffered}, waiting = {_waiting}, ready = {_ready}, ended = {_ended}")]
internal sealed partial class TlsReader(TlsConnection connection) : PipeReader
{
    private readonly EventLoop _loop = connection.Loop;
    private Action? _onReady;
    private ConfiguredValueTaskAwaitable<int>.ConfiguredValueTaskAwaiter _empty;
    private BufferSegment? _head;
    private BufferSegment? _tail;
    private int _headIndex;
    private long _buffered;
    private long _examined;
    private WaitSource? _parked;
    private PipeWait? _pipeWait;
    private CopyWait? _copyWait;
    private Exception? _error;

    /// <summary>An empty read of the SslStream is under way. Set when it doesn't end at once, cleared when it ends.</summary>
    private bool _waiting;

    /// <summary>An empty read has ended: the next real one can't wait. Cleared by that one.</summary>
    private bool _ready;

    private bool _ended;
    private bool _filledLast;
    private bool _cancelPending;
    private bool _reading;
    private bool _completed;

    private bool HasNews => _buffered > _examined || _ready || _ended || _cancelPending || IsBroken;

    private bool IsReadUnderWay => _pipeWait is { IsInUse: true } || _copyWait is { IsInUse: true };

    private bool IsBroken => _error is not null || connection.IsClosingHere;

    /// <summary>What a read throws that has nothing else to give; null when there is something, or nothing is wrong.</summary>
    private Exception? PendingError =>
        _buffered <= _examined && !_cancelPending && !_ended && IsBroken ? _error ??= connection.ClosedReason : null;

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        _loop.VerifyAccess(connection);
        VerifyReadable();
        if (WaitSource.CancellationOf(_loop, cancellationToken) is { } cancellation)
        {
            return ValueTask.FromException<ReadResult>(cancellation);
        }

        LookForMore();
        if (HasNews && --_loop.Budget > 0)
        {
            return Receive() is { } error ? ValueTask.FromException<ReadResult>(error) : new ValueTask<ReadResult>(TakeResult());
        }

        PipeWait wait = _pipeWait ??= new PipeWait(this);
        ParkOn(wait, cancellationToken);
        return wait.Task;
    }

    /// <summary>
    /// Reads into <paramref name="destination"/>: the stream's way, decrypted text goes there directly. An empty destination waits
    /// until there is something to read.
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
        LookForMore();
        if (HasNews && --_loop.Budget > 0)
        {
            return TryCopyOut(destination, out int copied) is { } error ? ValueTask.FromException<int>(error) : new ValueTask<int>(copied);
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
        LookForMore();
        if (!HasNews)
        {
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
        ReleaseIfClosing();
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
    }

    /// <summary>The connection was closed on this side: a waiting reader fails; what a reader looks at stays until it is done.</summary>
    public void OnConnectionClosing()
    {
        WakeParked();
        if (!IsReadUnderWay)
        {
            ReleaseIfClosing();
        }
    }

    private void ReleaseIfClosing()
    {
        if (connection.IsClosingHere && !_reading)
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
        }
        else
        {
            _parked = wait;
        }
    }

    private void WakeParked()
    {
        if (_parked is IReadWait wait)
        {
            _parked = null;
            wait.End(error: null);
        }
    }

    private InvalidOperationException Completed() =>
        new($"The input of {connection} was completed; nothing can be read from it any more.");

    /// <summary>Begins an empty read, unless there is something to read, or one is under way.</summary>
    private void LookForMore()
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
            _error = connection.Explain(fault, "reading");
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
            _error ??= connection.Explain(fault, "reading");
        }

        WakeParked();
    }

    private ValueTask<int> ReadSsl(Memory<byte> destination)
    {
        using ContextSwitch atRoot = ContextSwitch.Into(_loop.Root);
        return connection.Ssl.ReadAsync(destination);
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
                connection.Abort();
                throw new IOException($"{connection} was aborted: its SslStream waits although it had announced bytes.");
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
            _error ??= connection.Explain(fault, "reading");
            return 0;
        }
    }

    /// <summary>SslStream reports the end of the stream for a close_notify and for the bare end of TCP alike; only the first is one.</summary>
    private void End()
    {
        if (connection.Tcp.WasEndRead)
        {
            _error = connection.Truncated();
        }
        else
        {
            _ended = true;
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
}
