using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Gyre.Buffers;
using Gyre.Loop;
using Gyre.LowLevel;
using Gyre.Net;

namespace Gyre.Tls;

/// <summary>The plain text that is to be sent, as a loop-native <see cref="PipeWriter"/> over the <c>SslStream</c>.</summary>
/// <remarks>
/// What is written between two flushes stays in one block up to a record's size, so that it becomes one TLS record. A flush
/// encrypts at once; it waits only while the connection below has no room. Encrypting waits in the loop's root scope: a flow
/// that is cancelled leaves it to go on, since half a record can't be taken back.
/// </remarks>
[DebuggerDisplay("unflushed = {_unflushed}, writing = {_writing}, completed = {_completed}")]
internal sealed partial class TlsWriter(TlsConnection connection) : PipeWriter, IFlushWaitOwner
{
    private readonly EventLoop _loop = connection.Loop;
    private Action? _onWritten;
    private ConfiguredValueTaskAwaitable.ConfiguredValueTaskAwaiter _write;
    private long _unflushed;
    private FlushWait? _wait;
    private Exception? _error;

    /// <summary>A write of the SslStream is under way. Set when it doesn't end at once, cleared when it ends.</summary>
    private bool _writing;
    private bool _completed;
    private bool _cancelPending;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _unflushed;

    /// <summary>Whether everything that was flushed is in the hands of the connection below.</summary>
    public bool IsIdle => !_writing;

    /// <summary>Whether a flow is parked in a flush.</summary>
    public bool IsWaitedFor => _wait is { IsParked: true };

    public bool IsBroken => _error is not null || connection.IsClosed;

    public Exception BrokenReason => _error ??= connection.ClosedReason;

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
        _loop.VerifyAccess(connection);
        if (_openTail is null ? bytes != 0 : (uint)bytes > (uint)_openTail.Free)
        {
            throw new ArgumentOutOfRangeException(
                nameof(bytes), bytes, $"Can't advance by {bytes}: the memory got last has {_openTail?.Free ?? 0} bytes left. Call GetMemory first.");
        }

        if (bytes > 0)
        {
            _openTail!.Advance(bytes);
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
        return MustWait() ? Park(cancellationToken).Task : new ValueTask<FlushResult>(TakeResult());
    }

    /// <summary>Writes and flushes as a stream does: a broken connection throws. The data is encrypted from where it is, if there is room.</summary>
    public ValueTask WriteAndFlushAsync(ReadOnlyMemory<byte> data, CancellationToken token)
    {
        VerifyWritable();
        if (WaitSource.CancellationOf(_loop, token) is { } cancellation)
        {
            return ValueTask.FromException(cancellation);
        }

        Commit();
        while (!_writing && !IsBroken && data.Length > 0)
        {
            // A piece of this size is encrypted before the write waits, so the memory is the caller's again in any case.
            int count = Math.Min(data.Length, RecordBytes);
            Encrypt(data[..count]);
            data = data[count..];
        }

        if (data.Length > 0)
        {
            this.Write(data.Span);
            Commit();
        }

        if (IsBroken)
        {
            return ValueTask.FromException(BrokenReason);
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
    /// Ends the output. Without an exception what was written is sent, then close_notify, then the sending side of the connection
    /// below is shut down; with one the connection is aborted, so that the peer can't take what it got for the whole.
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
            _leased = false;
            connection.Abort();
            return;
        }

        Commit();
        SayGoodbyeWhenWritten();
    }

    /// <summary>As <see cref="Complete"/>, and waits until the connection below has taken all of it.</summary>
    public ValueTask ShutdownAsync(CancellationToken token)
    {
        _loop.VerifyAccess(connection);
        if (WaitSource.CancellationOf(_loop, token) is { } cancellation)
        {
            return ValueTask.FromException(cancellation);
        }

        Complete();
        if (IsBroken)
        {
            return ValueTask.FromException(BrokenReason);
        }

        return _writing ? Park(token).TaskOfStream : default;
    }

    /// <summary>The connection was disposed while it still writes: whoever waited for room is told; what was flushed still goes out.</summary>
    public void FailWaitingFlush(Exception reason) => _wait?.WakeIfParked(reason);

    /// <summary>The connection was closed on this side.</summary>
    public void OnConnectionClosed()
    {
        DropUnsent();
        _wait?.WakeIfParked(null);
    }

    private void VerifyWritable()
    {
        _loop.VerifyAccess(connection);
        if (_completed)
        {
            ObjectDisposedException.ThrowIf(connection.IsDisposed, connection);
            throw new InvalidOperationException($"The output of {connection} was completed; nothing can be written to it any more.");
        }
    }

    private bool MustWait() => !_cancelPending && !IsBroken && (_writing || --_loop.Budget <= 0);

    private FlushWait Park(CancellationToken token)
    {
        FlushWait wait = _wait ??= new FlushWait(_loop, this);
        wait.Begin(connection, token);
        if (!_writing)
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

    private void EncryptCommitted()
    {
        while (!_writing && !IsBroken && TakeCommitted() is { } segment)
        {
            _inFlight = segment;
            Encrypt(segment.Memory);
            if (!_writing)
            {
                ReturnInFlight();
            }
        }
    }

    private void Encrypt(ReadOnlyMemory<byte> data)
    {
        try
        {
            using ContextSwitch atRoot = ContextSwitch.Into(_loop.Root);
            ConfiguredValueTaskAwaitable.ConfiguredValueTaskAwaiter write = connection.Ssl.WriteAsync(data).ConfigureAwait(false).GetAwaiter();
            if (write.IsCompleted)
            {
                write.GetResult();
                return;
            }

            _writing = true;
            _write = write;
            write.UnsafeOnCompleted(_onWritten ??= OnWritten);
        }
#pragma warning disable CA1031 // Kept: a flush says that the connection is over, and a stream's write throws it.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            Fail(connection.Explain(fault, "writing"));
        }
    }

    private void OnWritten()
    {
        ConfiguredValueTaskAwaitable.ConfiguredValueTaskAwaiter write = _write;
        _write = default;
        _writing = false;
        try
        {
            write.GetResult();
        }
#pragma warning disable CA1031 // Kept: a flush says that the connection is over, and a stream's write throws it.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            Fail(connection.Explain(fault, "writing"));
        }

        ReturnInFlight();
        EncryptCommitted();
        if (_writing)
        {
            return;
        }

        SayGoodbyeWhenWritten();
        _wait?.WakeIfParked(null);
        connection.OnWritten();
    }

    private void SayGoodbyeWhenWritten()
    {
        if (!_completed || _writing || IsBroken)
        {
            return;
        }

        try
        {
            using ContextSwitch atRoot = ContextSwitch.Into(_loop.Root);
            Task sent = connection.Ssl.ShutdownAsync();

            // The alert is in the output of the connection below by now, whether or not that wants the writer to wait.
            connection.Tcp.Output.Complete();
            _ = sent.Exception;
        }
#pragma warning disable CA1031 // The peer sees an end without close_notify, which is what it is.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            Fail(connection.Explain(fault, "closing"));
        }
    }

    /// <summary>Nothing more can be sent: waiting flushes end, and what isn't under way is dropped.</summary>
    private void Fail(Exception error)
    {
        _error ??= error;
        DropUnsent();
        _wait?.WakeIfParked(null);
    }
}
