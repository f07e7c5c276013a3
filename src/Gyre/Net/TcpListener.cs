using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Gyre.Drivers;
using Gyre.LowLevel;
using Gyre.Sync;
using Gyre.Time;

namespace Gyre.Net;

/// <summary>Accepts TCP connections on the loop that it was made on.</summary>
/// <remarks>
/// When descriptors or memory run out, accepting pauses (it never spins) and is tried again after
/// <see cref="TcpListenerOptions.ExhaustionPause"/>. When nobody takes what was accepted, accepting pauses too, and the
/// system's backlog fills. Loop thread.
/// </remarks>
[DebuggerDisplay("{ToString(),nq}, queued = {_accepted.Count}")]
public sealed class TcpListener : IAcceptHandler, IAsyncDisposable
{
    private readonly EventLoop _loop;
    private readonly DriverListener _driver;
    private readonly TcpListenerOptions _options;
    private readonly Queue<DriverConnection> _accepted = new();
    private readonly AcceptWait _wait;
    private readonly RetryTimer _retry;
    private Exception? _broken;
    private bool _accepting;
    private bool _stopping;
    private bool _closed;
    private bool _socketClosed;
    private AsyncEvent? _stopped;

    private TcpListener(EventLoop loop, DriverListener driver, TcpListenerOptions options)
    {
        _loop = loop;
        _driver = driver;
        _options = options;
        _wait = new AcceptWait(this, loop);
        _retry = new RetryTimer(this);
        Resume();
    }

    /// <summary>The bound address, with the port that the system chose when 0 was asked for. Any thread.</summary>
    public IPEndPoint LocalEndPoint => _driver.LocalEndPoint;

    /// <summary>How often accepting paused because descriptors or memory ran out. Any thread; may lag there.</summary>
    public long ExhaustionPauses { get; private set; }

    /// <summary>Connections accepted since the start. Any thread; may lag there.</summary>
    public long Accepted { get; private set; }

    /// <summary>
    /// Whether loops of this kind may listen on one address together (<see cref="TcpListenerOptions.Shared"/>). Loop thread.
    /// </summary>
    /// <exception cref="InvalidOperationException">The calling code isn't run by a loop.</exception>
    public static bool CanShare => EventLoop.Current.Driver.Capabilities.HasFlag(DriverCapabilities.SharedListen);

    /// <summary>Binds, listens and begins to accept.</summary>
    /// <param name="endPoint">The address; port 0 lets the system choose. <see cref="IPAddress.IPv6Any"/> takes IPv4 too.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <exception cref="SocketException">The address can't be bound; the message names it and the remedy.</exception>
    /// <exception cref="InvalidOperationException">The calling code isn't run by a loop.</exception>
    public static TcpListener Listen(IPEndPoint endPoint, TcpListenerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        EventLoop loop = EventLoop.Current;
        options ??= TcpListenerOptions.Default;
        var driverOptions = new ListenOptions
        {
            Backlog = options.Backlog,
            Shared = options.Shared,
            DualStack = options.DualStack,
            NoDelay = options.NoDelay,
            AcceptsOneByOne = options.IsAcceptedMaxExact,
        };
        return new TcpListener(loop, loop.Driver.Listen(endPoint, driverOptions), options);
    }

    /// <summary>
    /// Accepts from a socket that listens already, and that other processes may accept from too: inherited
    /// (<see cref="InheritedListeners"/>), handed over (<see cref="ListenerHandOff"/>) or a duplicate. Not a checkpoint.
    /// </summary>
    /// <param name="handle">The socket, which becomes this listener's; on failure it stays the caller's.</param>
    /// <param name="options">
    /// Null for the defaults. <see cref="TcpListenerOptions.Backlog"/>, <see cref="TcpListenerOptions.Shared"/> and
    /// <see cref="TcpListenerOptions.DualStack"/> were decided when the socket was opened, and are ignored.
    /// </param>
    /// <exception cref="PlatformNotSupportedException">The driver can't; the message names it.</exception>
    /// <exception cref="ObjectDisposedException">The handle was closed or adopted before.</exception>
    /// <exception cref="SocketException">The system refuses to watch the socket.</exception>
    /// <exception cref="InvalidOperationException">The calling code isn't run by a loop.</exception>
    public static TcpListener Adopt(ListenerHandle handle, TcpListenerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(handle);
        EventLoop loop = EventLoop.Current;
        options ??= TcpListenerOptions.Default;
        var driverOptions = new ListenOptions { NoDelay = options.NoDelay, AcceptsOneByOne = options.IsAcceptedMaxExact };
        return new TcpListener(loop, loop.Driver.AdoptListener(handle, driverOptions), options);
    }

    /// <summary>
    /// Another handle of the listening socket, to pass to another process or loop. While one is open anywhere, what the system
    /// queues is kept though this listener closes. Close-on-exec. Not a checkpoint. Loop thread.
    /// </summary>
    /// <param name="name">What the handle is called where it is taken over; see <see cref="ListenerHandle.Name"/>.</param>
    /// <exception cref="PlatformNotSupportedException">The driver or the operating system has no such handles.</exception>
    /// <exception cref="ArgumentException">The name is no name of a listener.</exception>
    /// <exception cref="SocketException">The process is at its descriptor limit.</exception>
    /// <exception cref="ObjectDisposedException">The listener was closed, or stopped.</exception>
    /// <exception cref="InvalidOperationException">This isn't the listener's loop's thread.</exception>
    public ListenerHandle DuplicateHandle(string name)
    {
        _loop.VerifyAccess(this);
        ObjectDisposedException.ThrowIf(_closed || _socketClosed, this);

        // First, for a duplicate that got no handle would keep the port.
        _ = ListenerHandle.Checked(name);
        return _driver.DuplicateHandle(name);
    }

    /// <summary>
    /// Accepts no more, for good, closes the socket, and waits until nothing is under way. What was accepted ahead is still there for
    /// <see cref="AcceptAsync"/>, which throws <see cref="ListenerStoppedException"/> once it has given out the last. Then
    /// <see cref="DisposeAsync"/> drops nothing of what this process has taken, and what the system queues is for whoever shares the
    /// socket, or reset when nobody does. A checkpoint; cancelled, the listener stops all the same. May be called again.
    /// </summary>
    /// <exception cref="OperationCanceledException">The scope or the token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The listener was closed.</exception>
    /// <exception cref="InvalidOperationException">This isn't the listener's loop's thread.</exception>
    public ValueTask StopAcceptingAsync(CancellationToken cancellationToken = default)
    {
        _loop.VerifyAccess(this);
        ObjectDisposedException.ThrowIf(_closed, this);
        if (_stopped is null)
        {
            _stopped = new AsyncEvent(isSet: !_accepting, name: $"the stop of {this}");
            _loop.RemoveTimer(_retry);
            if (!_accepting)
            {
                OnStopped();
            }
            else if (!_stopping)
            {
                _stopping = true;
                _driver.StopAccept();
            }
        }

        return _stopped.WaitAsync(cancellationToken);
    }

    /// <summary>Takes the next connection. A checkpoint. A cancelled accept loses no connection.</summary>
    /// <exception cref="OperationCanceledException">The scope or the token was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The listener was closed.</exception>
    /// <exception cref="ListenerStoppedException">It was stopped, and all that it had accepted was taken.</exception>
    /// <exception cref="SocketException">The system broke the listener.</exception>
    /// <exception cref="InvalidOperationException">Another flow accepts, or this isn't the listener's loop's thread.</exception>
    public ValueTask<TcpConnection> AcceptAsync(CancellationToken cancellationToken = default)
    {
        if (TryAcceptNow(cancellationToken, out DriverConnection? connection, out Exception? failure))
        {
            return failure is null
                ? new ValueTask<TcpConnection>(new TcpConnection(_loop, connection!))
                : ValueTask.FromException<TcpConnection>(failure);
        }

        _wait.Begin(cancellationToken);
        return _wait.TaskOfConnection;
    }

    /// <summary>Takes the next connection to give it to another loop of the group, which attaches it. A checkpoint.</summary>
    /// <exception cref="PlatformNotSupportedException">The driver can't hand connections over.</exception>
    /// <inheritdoc cref="AcceptAsync"/>
    public ValueTask<DetachedTcpConnection> AcceptDetachedAsync(CancellationToken cancellationToken = default)
    {
        if (!_loop.Driver.Capabilities.HasFlag(DriverCapabilities.HandOver))
        {
            throw new PlatformNotSupportedException($"The {_loop.DriverName} driver can't hand a connection over to another loop.");
        }

        if (TryAcceptNow(cancellationToken, out DriverConnection? connection, out Exception? failure))
        {
            return failure is null
                ? new ValueTask<DetachedTcpConnection>(new DetachedTcpConnection(connection!.Detach()))
                : ValueTask.FromException<DetachedTcpConnection>(failure);
        }

        _wait.Begin(cancellationToken);
        return _wait.TaskOfDetached;
    }

    /// <summary>Stops listening; connections that nobody took are closed. Completes at once; not a checkpoint. Loop thread.</summary>
    /// <exception cref="InvalidOperationException">This isn't the listener's loop's thread.</exception>
    public ValueTask DisposeAsync()
    {
        _loop.VerifyAccess(this);
        if (!_closed)
        {
            _closed = true;
            _loop.RemoveTimer(_retry);
            CloseSocket();
            while (_accepted.TryDequeue(out DriverConnection? connection))
            {
                Discard(connection);
            }

            _wait.FailIfParked(new ObjectDisposedException(ToString(), $"{this} was closed while a flow waited to accept."));
            _stopped?.Set();
        }

        return default;
    }

    /// <inheritdoc/>
    public override string ToString() => $"TcpListener {_driver.LocalEndPoint}";

    void IAcceptHandler.OnAccepted(DriverConnection connection)
    {
        if (_closed)
        {
            Discard(connection);
            return;
        }

        Accepted++;
        if (_wait.TryDeliver(connection))
        {
            return;
        }

        _accepted.Enqueue(connection);
        if (_accepted.Count >= _options.AcceptedMax && _accepting && !_stopping)
        {
            _stopping = true;
            _driver.StopAccept();
        }
    }

    void IAcceptHandler.OnAcceptEnded(SocketError reason)
    {
        _accepting = false;
        _stopping = false;
        if (_stopped is not null)
        {
            OnStopped();
            _stopped.Set();
            return;
        }

        switch (reason)
        {
            case SocketError.OperationAborted:
                ResumeIfRoom();
                break;
            case SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable:
                ExhaustionPauses++;
                _loop.AddTimer(_retry, Deadline.After(_loop.Driver.GetTimestamp(), _options.ExhaustionPause));
                break;
            default:
                _broken = new SocketException((int)reason, $"{this} can't accept any more: {reason}.");
                _wait.FailIfParked(_broken);
                break;
        }
    }

    void IAcceptHandler.OnListenerClosed()
    {
    }

    /// <summary>Whether accepting needs no wait: a connection is there, or the failure that accepting throws.</summary>
    private bool TryAcceptNow(CancellationToken token, out DriverConnection? connection, out Exception? failure)
    {
        _loop.VerifyAccess(this);
        connection = null;
        failure = _closed ? new ObjectDisposedException(ToString()) : WaitSource.CancellationOf(_loop, token);
        if (failure is not null)
        {
            return true;
        }

        if (_accepted.TryDequeue(out connection))
        {
            ResumeIfRoom();
            return true;
        }

        failure = _stopped is not null && !_accepting ? new ListenerStoppedException(Stopped) : _broken;
        return failure is not null;
    }

    private string Stopped => $"{this} was stopped, and every connection that it had accepted was taken.";

    /// <summary>
    /// The socket is closed at once: a client that the system still queued would send its request to a server that is never going to read it,
    /// and one that is refused knows that it wasn't read.
    /// </summary>
    private void OnStopped()
    {
        CloseSocket();
        _wait.FailIfParked(new ListenerStoppedException(Stopped));
    }

    private void CloseSocket()
    {
        if (!_socketClosed)
        {
            _socketClosed = true;
            _driver.Close();
        }
    }

    private static void Discard(DriverConnection connection)
    {
        connection.Attach(DiscardedConnection.Instance);
        connection.Close(abort: true);
    }

    private void ResumeIfRoom()
    {
        if (!_accepting && !_closed && _stopped is null && _broken is null && !_retry.IsQueued && _accepted.Count <= _options.AcceptedMax / 2)
        {
            Resume();
        }
    }

    private void Resume()
    {
        _accepting = true;
        _driver.StartAccept(this);
    }

    private sealed class RetryTimer(TcpListener listener) : TimerEntry
    {
        protected internal override void OnDue() => listener.ResumeIfRoom();
    }
}
