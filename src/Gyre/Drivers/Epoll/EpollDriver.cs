using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;
using Gyre.Interop.Linux;
using Gyre.Time;

namespace Gyre.Drivers.Epoll;

/// <summary>The driver over epoll, for every Linux on which io_uring is missing or forbidden.</summary>
/// <remarks>
/// Each descriptor is registered once, edge-triggered and for both directions, so nothing is ever re-registered; the price
/// is to remember readiness until it was used up. Sends and closes are gathered and done in <see cref="Submit"/>, which is
/// where what the consumer wrote in a turn is complete. What a bound cut short goes on in the next <see cref="Turn"/>,
/// behind the events of the others.
/// </remarks>
[DebuggerDisplay("epoll, {_targets.Connections} connections, {_gathered.Count} gathered, {_unfinished.Count} unfinished")]
internal sealed class EpollDriver : Driver
{
    public const string DriverName = "epoll";

    /// <summary>What a socket is registered for, once.</summary>
    internal const uint BothDirections = Libc.EPOLLIN | Libc.EPOLLOUT | Libc.EPOLLRDHUP | Libc.EPOLLET;

    private readonly EpollSet _set;
    private readonly EpollWake _wake;
    private readonly EpollTargets _targets = new();
    private readonly LentBuffers _buffers = new();
    private readonly Dictionary<int, EpollWatch> _watches = [];
    private readonly Queue<IEpollTarget> _gathered = new();
    private readonly Queue<IEpollTarget> _unfinished = new();
    private SendBatch? _batch;
    private long _waits;
    private long _completions;
    private long _otherCalls;
    private long _stale;
    private bool _disposed;

    private EpollDriver(EpollSet set, WakeEvent wakeEvent)
    {
        _set = set;
        _wake = new EpollWake(wakeEvent);
        _targets.Add(_wake);
        int error = set.Add(wakeEvent.Fd, Libc.EPOLLIN | Libc.EPOLLET, EpollTargets.DataOf(_wake));
        if (error < 0)
        {
            Dispose();
            throw Refused(error);
        }
    }

    public override string Name => DriverName;

    public override DriverCapabilities Capabilities =>
        DriverCapabilities.Readiness | DriverCapabilities.SharedListen | DriverCapabilities.HandOver |
        DriverCapabilities.RealWorld | DriverCapabilities.CountsSystemCalls | DriverCapabilities.IdleWithoutBuffer |
        DriverCapabilities.AdoptListener | DriverCapabilities.SendFile;

    public override DriverStatistics Statistics =>
        new(_set.Calls + _otherCalls, _waits, _completions, _targets.Connections, _buffers.Held, _stale);

    internal LentBuffers Buffers => _buffers;

    /// <summary>The files under way, kept here so that a connection which sends none is no larger for it.</summary>
    internal Dictionary<EpollConnection, FileSend> FileSends { get; } = [];

    /// <summary>
    /// Vectors for a send of several segments. The call is over before another connection needs them, so one set serves all.
    /// </summary>
    internal SendBatch Batch => _batch ??= new SendBatch();

    /// <summary>Makes a driver on the calling thread, which will be the loop's.</summary>
    /// <exception cref="PlatformNotSupportedException">The kernel refuses; the message says why and what to do.</exception>
    public static EpollDriver Create()
    {
        EpollSet? set = EpollSet.TryCreate(out int error);
        WakeEvent? wakeEvent = set is null ? null : WakeEvent.TryCreate(out error);
        if (wakeEvent is null)
        {
            set?.Close();
            throw Refused(error);
        }

        return new EpollDriver(set!, wakeEvent);
    }

    public override long GetTimestamp() => SystemClock.Nanoseconds;

    public override DateTimeOffset GetUtcNow() => SystemClock.UtcNow;

    public override DriverListener Listen(IPEndPoint endPoint, ListenOptions options)
    {
        int fd = SocketSetup.OpenListener(
            endPoint, options.Backlog, options.Shared, options.DualStack, options.NoDelay, Libc.SOCK_NONBLOCK);
        _otherCalls += 4;
        return EpollListener.Register(this, fd);
    }

    public override DriverListener AdoptListener(ListenerHandle listener, ListenOptions options)
    {
        ObjectDisposedException.ThrowIf(listener.IsClosed, listener);
        SocketSetup.PrepareAdopted((int)listener.DangerousGetHandle(), listener.LocalEndPoint, options.NoDelay);
        _otherCalls += 3;
        return EpollListener.Adopt(this, listener);
    }

    public override DriverOperation StartConnect(IPEndPoint endPoint, ConnectOptions options, IConnectHandler handler)
    {
        var attempt = new EpollConnect(this, handler);
        attempt.Start(endPoint, options);
        return attempt;
    }

    public override DriverOperation StartWaitReady(SafeHandle handle, ReadinessKind kind, IReadinessHandler handler)
    {
        bool referenced = false;
        handle.DangerousAddRef(ref referenced);
        int fd = (int)handle.DangerousGetHandle();
        if (!_watches.TryGetValue(fd, out EpollWatch? watch))
        {
            watch = new EpollWatch(this, fd);
            _watches.Add(fd, watch);
            _targets.Add(watch);
        }

        var wait = new EpollReadiness(watch, handle, kind, handler);
        watch.Add(wait);
        return wait;
    }

    public override DriverConnection Adopt(object detached) => AddConnection(((DetachedDescriptor)detached).Take());

    public override void Submit()
    {
        // What handlers gather meanwhile is for the next time, hence the fixed count.
        for (int count = _gathered.Count; count > 0; count--)
        {
            IEpollTarget target = _gathered.Dequeue();
            target.IsGathered = false;
            _completions++;
            target.RunGathered();
        }
    }

    public override int Turn(long timeoutNanoseconds)
    {
        long before = _completions;
        Submit();
        int unfinished = _unfinished.Count;
        bool wait = timeoutNanoseconds != 0 && _completions == before && _gathered.Count == 0 && unfinished == 0;
        _waits += wait ? 1 : 0;
        int count = _set.Wait(wait ? timeoutNanoseconds : 0);
        if (count < 0)
        {
            throw new InvalidOperationException($"epoll_wait failed with errno {-count}; the driver can't be used any more.");
        }

        for (int i = 0; i < count; i++)
        {
            _set.Read(i, out uint mask, out ulong data);
            Deliver(mask, data);
        }

        for (; unfinished > 0; unfinished--)
        {
            _completions++;
            _unfinished.Dequeue().Continue();
        }

        return (int)(_completions - before);
    }

    public override void Wake() => _wake.Signal();

    /// <summary>
    /// Has <see cref="IEpollTarget.RunGathered"/> called by the next <see cref="Submit"/>, once however often it is asked for.
    /// </summary>
    internal void Gather(IEpollTarget target)
    {
        if (!target.IsGathered)
        {
            target.IsGathered = true;
            _gathered.Enqueue(target);
        }
    }

    /// <summary>Has <see cref="IEpollTarget.Continue"/> called in the next <see cref="Turn"/>, which doesn't wait then.</summary>
    internal void ContinueLater(IEpollTarget target) => _unfinished.Enqueue(target);

    /// <summary>Registers a target's descriptor; 0 or a negated errno.</summary>
    internal int Register(IEpollTarget target, int fd, uint events) => _set.Add(fd, events, EpollTargets.DataOf(target));

    /// <summary>Changes what is reported of a target's descriptor; 0 or a negated errno.</summary>
    internal int Reregister(IEpollTarget target, int fd, uint events) => _set.Modify(fd, events, EpollTargets.DataOf(target));

    internal void Unregister(int fd) => _set.Remove(fd);

    internal void AddTarget(IEpollTarget target) => _targets.Add(target);

    internal void RemoveTarget(IEpollTarget target) => _targets.Remove(target);

    internal EpollConnection AddConnection(int fd)
    {
        var connection = new EpollConnection(this, fd);
        _targets.Add(connection);
        return connection;
    }

    /// <summary>The connection that <paramref name="attempt"/> made takes over its place and registration.</summary>
    internal EpollConnection Succeed(EpollConnect attempt, int fd, uint mask)
    {
        var connection = new EpollConnection(this, fd);
        _targets.Replace(attempt, connection);
        connection.TakeOverRegistration(mask);
        return connection;
    }

    internal void RemoveWatch(EpollWatch watch, int fd)
    {
        _watches.Remove(fd);
        _targets.Remove(watch);
    }

    /// <summary>Counts a system call made outside the epoll instance.</summary>
    internal void CountCall() => _otherCalls++;

    /// <summary>Hands an event to the one whom its data means.</summary>
    internal void Deliver(uint mask, ulong data)
    {
        _completions++;
        if (_targets.Find(data) is { } target)
        {
            target.OnEvents(mask);
        }
        else
        {
            _stale++;
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _targets.CloseAll();
        _set.Close();
        _batch?.Free();
    }

    private static PlatformNotSupportedException Refused(int error) => new(
        $"The kernel refused an epoll instance or its eventfd: {Errno.ToSocketError(-error)} (errno {-error}). When the process is " +
        "at its descriptor limit, raise it (ulimit -n); where neither is allowed, force the sockets driver.");
}
