using System.Diagnostics;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Gyre.Drivers;
using Gyre.Loop;
using Gyre.Time;

namespace Gyre.Net;

/// <summary>A TCP connection: a pipe each way, on its loop.</summary>
/// <remarks>
/// <see cref="Input"/> and <see cref="Output"/> are used on the connection's loop; <see cref="AsStream"/> gives a stream that
/// any thread, and so any BCL code, may use. One flow may read and another write at the same time.
/// </remarks>
[DebuggerDisplay("{ToString(),nq}, closing = {IsClosingHere}")]
public sealed partial class TcpConnection : IDuplexPipe, IAsyncDisposable, IConnectionHandler, IFlushable
{
    private readonly ConnectionReader _reader;
    private readonly ConnectionWriter _writer;
    private IPEndPoint? _local;
    private IPEndPoint? _remote;
    private LingerTimer? _linger;
    private ConnectionStream? _stream;
    private IOException? _closedReason;
    private string _closedHow = "was closed on this side";
    private ITcpConnectionObserver? _observer;
    private bool _letGo;

    internal TcpConnection(EventLoop loop, DriverConnection driver)
    {
        Loop = loop;
        Driver = driver;
        _reader = new ConnectionReader(this);
        _writer = new ConnectionWriter(this);
        driver.Attach(this);
    }

    /// <summary>
    /// How long <see cref="DisposeAsync"/> lets the system go on to send what was flushed before it aborts. Default 5 s;
    /// <see cref="Timeout.InfiniteTimeSpan"/> never aborts. Loop thread.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    /// <exception cref="InvalidOperationException">Set, and this isn't the connection's loop's thread.</exception>
    public TimeSpan LingerTimeout
    {
        get;
        set
        {
            Loop.VerifyAccess(this);
            field = value >= TimeSpan.Zero || value == Timeout.InfiniteTimeSpan
                ? value
                : throw new ArgumentOutOfRangeException(
                    nameof(value), value, "The linger time-out is a time from zero, or Timeout.InfiniteTimeSpan to never abort.");
        }
    } = TimeSpan.FromSeconds(5);

    /// <summary>The loop that the connection lives on. Any thread.</summary>
    public EventLoop Loop { get; }

    /// <summary>What arrives. Loop thread.</summary>
    public PipeReader Input => _reader;

    /// <summary>What is to be sent. Flushes of one turn go out in one send. Loop thread.</summary>
    public PipeWriter Output => _writer;

    /// <summary>Own address; null when the connection ended before it was asked for. Loop thread.</summary>
    /// <exception cref="InvalidOperationException">This isn't the connection's loop's thread.</exception>
    public IPEndPoint? LocalEndPoint
    {
        get
        {
            Loop.VerifyAccess(this);
            return _local ??= IsClosed ? null : Driver.LocalEndPoint;
        }
    }

    /// <summary>The peer's address; null when the connection ended before it was asked for. Loop thread.</summary>
    /// <exception cref="InvalidOperationException">This isn't the connection's loop's thread.</exception>
    public IPEndPoint? RemoteEndPoint
    {
        get
        {
            Loop.VerifyAccess(this);
            return _remote ??= IsClosed ? null : Driver.RemoteEndPoint;
        }
    }

    /// <summary>
    /// Bytes that the peer has acknowledged since the connection began, which tells a peer that takes what it is sent from one that
    /// lets it pile up in the system's buffers; null where the system doesn't tell (Linux does), and once the connection ended. Costs
    /// a system call. Loop thread.
    /// </summary>
    /// <exception cref="InvalidOperationException">This isn't the connection's loop's thread.</exception>
    public long? AcknowledgedBytes
    {
        get
        {
            Loop.VerifyAccess(this);
            return IsClosed ? null : Driver.AcknowledgedBytes;
        }
    }

    /// <summary>
    /// Bytes that were handed to the system to send and that the peer hasn't acknowledged: 0 when it isn't the peer that a sender waits
    /// for; null where the system doesn't tell (Linux does), and once the connection ended. Costs a system call. Loop thread.
    /// </summary>
    /// <exception cref="InvalidOperationException">This isn't the connection's loop's thread.</exception>
    public long? UnacknowledgedBytes
    {
        get
        {
            Loop.VerifyAccess(this);
            return IsClosed ? null : Driver.UnacknowledgedBytes;
        }
    }

    /// <summary>Whether the connection was closed or aborted on this side. Loop thread.</summary>
    /// <exception cref="InvalidOperationException">This isn't the connection's loop's thread.</exception>
    public bool IsClosing
    {
        get
        {
            Loop.VerifyAccess(this);
            return IsClosingHere;
        }
    }

    /// <summary>As <see cref="IsClosing"/>, for those who are on the loop.</summary>
    internal bool IsClosingHere => IsDisposed || IsClosed;

    /// <summary>Whether a reader of the stream was told of the stream's end.</summary>
    internal bool WasEndRead => _reader.WasEndRead;

    internal DriverConnection Driver { get; }

    /// <summary>Whether nobody may use the connection any more. What was flushed may still be on its way.</summary>
    internal bool IsDisposed { get; private set; }

    /// <summary>Whether the driver was told to close.</summary>
    internal bool IsClosed { get; private set; }

    /// <summary>What whoever still waits for a connection that was closed on this side is told; made when somebody is.</summary>
    internal IOException ClosedReason => _closedReason ??= new IOException($"{this} {_closedHow}.");

    /// <summary>Turns Nagle's delay off (true, the default) or on. Loop thread. Not a checkpoint.</summary>
    /// <exception cref="ObjectDisposedException">The connection was closed on this side.</exception>
    /// <exception cref="InvalidOperationException">This isn't the connection's loop's thread.</exception>
    public void SetNoDelay(bool value)
    {
        VerifyOpen();
        Driver.SetNoDelay(value);
    }

    /// <summary>Turns TCP keep-alive probes on or off (the default). Loop thread. Not a checkpoint.</summary>
    /// <inheritdoc cref="SetNoDelay" path="/exception"/>
    public void SetKeepAlive(bool value)
    {
        VerifyOpen();
        Driver.SetKeepAlive(value);
    }

    /// <summary>
    /// Drops what has arrived and wasn't read, for a protocol that begins anew at this point. What is still on its way comes later
    /// all the same. Loop thread. Not a checkpoint.
    /// </summary>
    /// <exception cref="InvalidOperationException">
    /// A read is under way or wasn't ended by <c>AdvanceTo</c>, or this isn't the connection's loop's thread.
    /// </exception>
    public void DiscardBufferedInput()
    {
        Loop.VerifyAccess(this);
        _reader.DiscardBuffered();
    }

    /// <summary>
    /// The connection as a stream that any thread may use: a call from another thread is carried home. Disposing it disposes the
    /// connection.
    /// </summary>
    public Stream AsStream() => _stream ??= new ConnectionStream(this, _reader, _writer);

    /// <summary>
    /// Ends the connection at once with a reset; unsent bytes are dropped and waits on it fail. Loop thread. Not a checkpoint.
    /// </summary>
    /// <exception cref="InvalidOperationException">This isn't the connection's loop's thread.</exception>
    public void Abort()
    {
        Loop.VerifyAccess(this);
        Close(abort: true, "was aborted on this side");
    }

    /// <summary>
    /// Ends the connection. What was flushed is still sent, in the background, for at most <see cref="LingerTimeout"/>;
    /// reads and writes that wait fail. In the middle of a file (<see cref="SendFileAsync"/>) it aborts, so that the peer doesn't take a
    /// part for the whole. Completes at once; not a checkpoint. Any thread.
    /// </summary>
    public ValueTask DisposeAsync()
    {
        if (Loop.HasAccess)
        {
            DisposeOnLoop();
        }
        else
        {
            // A loop that has ended has closed its connections itself.
            Loop.TryPost(new ReadyItem(static self => ((TcpConnection)self!).DisposeOnLoop(), this, Loop.Root, RestoreContext: false));
        }

        return default;
    }

    /// <summary>Names who is told of the connection's ends, once. Loop thread; not a checkpoint.</summary>
    /// <param name="observer">Told in the next turn of a close that is over already.</param>
    /// <exception cref="InvalidOperationException">There is an observer, or this isn't the connection's loop's thread.</exception>
    public void Observe(ITcpConnectionObserver observer)
    {
        ArgumentNullException.ThrowIfNull(observer);
        Loop.VerifyAccess(this);
        if (_observer is not null)
        {
            throw new InvalidOperationException($"{this} has an observer of its ends already; one is all it can have.");
        }

        _observer = observer;
        if (_letGo)
        {
            QueueClosed();
        }
        else if (observer is not WhenClosed && !IsClosingHere && (_reader.IsEnded || _reader.IsFailed))
        {
            // It came while nobody observed, in a handshake say.
            QueueInputEnded(_reader.IsFailed);
        }
    }

    /// <summary>
    /// Calls <paramref name="callback"/> once the system has let go of the connection and its descriptor is free again, which
    /// may be some time after <see cref="DisposeAsync"/>; in the next turn when it has already. Not called when the loop ends
    /// before. Takes the place of an observer. Loop thread; not a checkpoint.
    /// </summary>
    /// <param name="callback">Runs in the loop's root scope; it must not throw.</param>
    /// <param name="state">Handed to it.</param>
    /// <exception cref="InvalidOperationException">
    /// There is an observer or such a callback, or this isn't the connection's loop's thread.
    /// </exception>
    public void CallWhenClosed(Action<object?> callback, object? state)
    {
        ArgumentNullException.ThrowIfNull(callback);
        Observe(new WhenClosed(callback, state));
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        IPEndPoint? local = Loop.HasAccess ? LocalEndPoint : _local;
        IPEndPoint? remote = Loop.HasAccess ? RemoteEndPoint : _remote;
        return $"TcpConnection {local?.ToString() ?? "?"} → {remote?.ToString() ?? "?"}";
    }

    internal IOException BrokenBy(SocketError error, string doing) =>
        new($"{this} broke while {doing}: {error}.", new SocketException((int)error));

    private void VerifyOpen()
    {
        Loop.VerifyAccess(this);
        ObjectDisposedException.ThrowIf(IsClosing, this);
    }

    private void DisposeOnLoop()
    {
        if (IsDisposed)
        {
            return;
        }

        IsDisposed = true;
        _reader.Complete();
        _writer.Complete();
        if (IsClosed)
        {
            return;
        }

        if (_writer.IsSendingFile)
        {
            // A part of a file with a proper end behind it could be taken for the whole.
            Close(abort: true, "was closed on this side in the middle of a file");
            return;
        }

        if (_writer.IsIdle)
        {
            Close(abort: false, "was closed on this side");
            return;
        }

        if (_writer.IsWaitedFor)
        {
            _writer.FailWaitingFlush(ClosedReason);
        }

        Loop.LingeringCloses++;
        _linger = new LingerTimer(this);
        Loop.AddTimer(_linger, Deadline.After(Loop.Now, LingerTimeout));
    }

    private void QueueClosed() => Loop.Enqueue(
        new ReadyItem(
            static self => ((TcpConnection)self!)._observer!.OnClosed((TcpConnection)self), this, Loop.Root, RestoreContext: true));

    private void QueueInputEnded(bool isBroken) => Loop.Enqueue(
        new ReadyItem(
            isBroken
                ? static self => ((TcpConnection)self!)._observer!.OnInputEnded((TcpConnection)self, isBroken: true)
                : static self => ((TcpConnection)self!)._observer!.OnInputEnded((TcpConnection)self, isBroken: false),
            this,
            Loop.Root,
            RestoreContext: true));

    private void Close(bool abort, string how)
    {
        if (IsClosed)
        {
            return;
        }

        _closedHow = how;
        if (_reader.IsReadUnderWay || _writer.IsWaitedFor)
        {
            // Made while the addresses can still be asked for.
            _ = ClosedReason;
        }

        IsClosed = true;
        if (_linger is not null)
        {
            Loop.LingeringCloses--;
            Loop.RemoveTimer(_linger);
        }

        Driver.Close(abort);
        _reader.OnConnectionClosing();
        _writer.OnConnectionClosing();
    }

    /// <summary>An observer of the close alone.</summary>
    private sealed class WhenClosed(Action<object?> callback, object? state) : ITcpConnectionObserver
    {
        public void OnInputEnded(TcpConnection connection, bool isBroken)
        {
        }

        public void OnClosed(TcpConnection connection) => callback(state);
    }

    private sealed class LingerTimer(TcpConnection connection) : TimerEntry
    {
        protected internal override void OnDue() => connection.Close(abort: true, "lingered too long");
    }
}
