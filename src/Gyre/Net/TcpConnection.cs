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
[DebuggerDisplay("{ToString(),nq}, closing = {IsClosing}")]
public sealed partial class TcpConnection : IDuplexPipe, IAsyncDisposable, IConnectionHandler, IFlushable
{
    private readonly ConnectionReader _reader;
    private readonly ConnectionWriter _writer;
    private IPEndPoint? _local;
    private IPEndPoint? _remote;
    private LingerTimer? _linger;
    private ConnectionStream? _stream;
    private bool _disposed;

    internal TcpConnection(EventLoop loop, DriverConnection driver)
    {
        Loop = loop;
        Driver = driver;
        _reader = new ConnectionReader(this);
        _writer = new ConnectionWriter(this);
        driver.Attach(this);
    }

    /// <summary>How long <see cref="DisposeAsync"/> lets the system go on to send what was flushed before it aborts. Default 5 s.</summary>
    public TimeSpan LingerTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The loop that the connection lives on. Any thread.</summary>
    public EventLoop Loop { get; }

    /// <summary>What arrives. Loop thread.</summary>
    public PipeReader Input => _reader;

    /// <summary>What is to be sent. Flushes of one turn go out in one send. Loop thread.</summary>
    public PipeWriter Output => _writer;

    /// <summary>Own address; null when the connection ended before it was asked for. Loop thread.</summary>
    public IPEndPoint? LocalEndPoint => _local ??= IsClosing ? null : Driver.LocalEndPoint;

    /// <summary>The peer's address; null when the connection ended before it was asked for. Loop thread.</summary>
    public IPEndPoint? RemoteEndPoint => _remote ??= IsClosing ? null : Driver.RemoteEndPoint;

    /// <summary>Whether the connection was closed or aborted on this side.</summary>
    public bool IsClosing { get; private set; }

    internal DriverConnection Driver { get; }

    /// <summary>Turns Nagle's delay off (the default) or on. Loop thread.</summary>
    public void SetNoDelay(bool value)
    {
        VerifyOpen();
        Driver.SetNoDelay(value);
    }

    /// <summary>Turns TCP keep-alive probes on or off (the default). Loop thread.</summary>
    public void SetKeepAlive(bool value)
    {
        VerifyOpen();
        Driver.SetKeepAlive(value);
    }

    /// <summary>The connection as a stream that any thread may use: a call from another thread is carried home. Disposing it disposes the connection.</summary>
    public Stream AsStream() => _stream ??= new ConnectionStream(this, _reader, _writer);

    /// <summary>Ends the connection at once with a reset; unsent bytes are dropped and waits on it fail. Loop thread. Not a checkpoint.</summary>
    /// <exception cref="InvalidOperationException">This isn't the connection's loop's thread.</exception>
    public void Abort()
    {
        Loop.VerifyAccess(this);
        Close(abort: true, "was aborted on this side");
    }

    /// <summary>
    /// Ends the connection. What was flushed is still sent, in the background, for at most <see cref="LingerTimeout"/>;
    /// reads and writes that wait fail. Completes at once; not a checkpoint. Any thread.
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

    /// <inheritdoc/>
    public override string ToString() => $"TcpConnection {_local?.ToString() ?? "?"} → {_remote?.ToString() ?? "?"}";

    internal IOException BrokenBy(SocketError error, string doing) =>
        new($"{this} broke while {doing}: {error}.", new SocketException((int)error));

    private void VerifyOpen()
    {
        Loop.VerifyAccess(this);
        ObjectDisposedException.ThrowIf(IsClosing, this);
    }

    private void DisposeOnLoop()
    {
        if (_disposed || IsClosing)
        {
            return;
        }

        _disposed = true;
        _writer.Complete();
        if (_writer.IsIdle)
        {
            Close(abort: false, "was closed on this side");
            return;
        }

        _reader.OnConnectionClosing(ClosedBecause("was closed on this side"));
        _linger = new LingerTimer(this);
        Loop.AddTimer(_linger, Deadline.After(Loop.Now, LingerTimeout));
    }

    private void Close(bool abort, string how)
    {
        if (IsClosing)
        {
            return;
        }

        IsClosing = true;
        if (_linger is not null)
        {
            Loop.RemoveTimer(_linger);
        }

        IOException reason = ClosedBecause(how);
        Driver.Close(abort);
        _reader.OnConnectionClosing(reason);
        _writer.Fail(reason);
    }

    private IOException ClosedBecause(string how) => new($"{this} {how}.");

    private sealed class LingerTimer(TcpConnection connection) : TimerEntry
    {
        protected internal override void OnDue() => connection.Close(abort: true, "lingered too long");
    }
}
