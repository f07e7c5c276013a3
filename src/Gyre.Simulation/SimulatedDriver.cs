using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Gyre.Drivers;

namespace Gyre.Simulation;

/// <summary>
/// A driver whose world is in memory: time is virtual and jumps when nothing can happen before the next timer; connections
/// are buffers; what could come in any order comes in the order that the seed decides.
/// </summary>
/// <remarks>It reads no clock, no thread and no random number but its own. One world per driver, used on its loop's thread.</remarks>
[DebuggerDisplay("at {_now} ns, {_pending} events")]
public sealed class SimulatedDriver : Driver
{
    private const int FirstEphemeralPort = 49152;
    private const int LastPort = 65535;

    private readonly SimulationOptions _options;
    private readonly Random _random;
    private readonly List<EventSource> _ready = [];
    private readonly Dictionary<int, List<SimulatedListener>> _listeners = [];
    private readonly ManualResetEventSlim _woken = new();
    private int _nextPort = FirstEphemeralPort;
    private long _now;
    private long _waits;
    private long _completions;
    private int _pending;
    private int _connections;
    private int _buffersHeld;
    private bool _disposed;

    /// <summary>Makes a world.</summary>
    /// <param name="options">What it is like; null for the defaults.</param>
    public SimulatedDriver(SimulationOptions? options = null)
    {
        _options = options ?? new SimulationOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.SocketBufferBytes, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.SegmentBytesMax, 1, nameof(options));
        _random = new Random(_options.Seed);
    }

    /// <inheritdoc/>
    public override string Name => "simulation";

    /// <inheritdoc/>
    public override DriverCapabilities Capabilities => DriverCapabilities.IdleWithoutBuffer;

    /// <inheritdoc/>
    public override int? ReadyOrderSeed => _options.Seed;

    /// <inheritdoc/>
    public override bool IdleTurnIsFree => true;

    /// <inheritdoc/>
    public override DriverStatistics Statistics => new(0, _waits, _completions, _connections, _buffersHeld, StaleCompletions: 0);

    internal SimulationOptions Options => _options;

    /// <inheritdoc/>
    public override long GetTimestamp() => Volatile.Read(ref _now);

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => _options.StartTime + new TimeSpan(GetTimestamp() / TimeSpan.NanosecondsPerTick);

    /// <inheritdoc/>
    public override DriverListener Listen(IPEndPoint endPoint, ListenOptions options)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        ArgumentNullException.ThrowIfNull(options);
        var bound = new IPEndPoint(endPoint.Address, endPoint.Port == 0 ? TakePort() : endPoint.Port);
        List<SimulatedListener> atPort = ListenersAt(bound.Port);
        var listener = new SimulatedListener(this, bound, options);
        if (atPort.Exists(listener.Overlaps))
        {
            throw new SocketException(
                (int)SocketError.AddressAlreadyInUse,
                $"Can't bind {endPoint}: another listener of the simulation has it; choose another port, or use port 0 to let the system pick one (AddressAlreadyInUse).");
        }

        atPort.Add(listener);
        return listener;
    }

    /// <inheritdoc/>
    public override DriverOperation StartConnect(IPEndPoint endPoint, ConnectOptions options, IConnectHandler handler)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        ArgumentNullException.ThrowIfNull(options);
        var attempt = new SimulatedConnect(this, handler);
        var local = options.LocalEndPoint ?? new IPEndPoint(endPoint.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Loopback : IPAddress.IPv6Loopback, 0);
        attempt.Start(endPoint, new IPEndPoint(local.Address, local.Port == 0 ? TakePort() : local.Port));
        return attempt.Operation;
    }

    /// <inheritdoc/>
    public override int Turn(long timeoutNanoseconds)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_pending == 0 && timeoutNanoseconds != 0)
        {
            PassTime(timeoutNanoseconds);
        }

        // As much as is under way now; what handlers cause belongs to the next turn.
        int count = _pending;
        for (int i = 0; i < count && _pending > 0; i++)
        {
            DeliverOne();
        }

        _completions += count;
        return count;
    }

    /// <inheritdoc/>
    public override void Wake() => _woken.Set();

    internal void Announce(EventSource source)
    {
        _pending++;
        if (!source.IsListed)
        {
            source.IsListed = true;
            _ready.Add(source);
        }
    }

    internal void Forget(int events) => _pending -= events;

    /// <summary>A number from 1 to <paramref name="most"/>, by the seed.</summary>
    internal int Draw(int most) => _random.Next(most) + 1;

    internal void ConnectionOpened() => _connections++;

    internal void ConnectionClosed() => _connections--;

    internal void BufferLent() => _buffersHeld++;

    internal void BufferReturned() => _buffersHeld--;

    internal void Remove(SimulatedListener listener) => ListenersAt(listener.LocalEndPoint.Port).Remove(listener);

    /// <summary>The listener that a connection to <paramref name="endPoint"/> reaches; null when it is refused.</summary>
    internal SimulatedListener? FindListener(IPEndPoint endPoint) =>
        ListenersAt(endPoint.Port).Find(listener => listener.Accepts(endPoint.Address));

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _disposed = true;
        _ready.Clear();
        _pending = 0;
        _woken.Dispose();
    }

    private void PassTime(long timeoutNanoseconds)
    {
        _waits++;
        if (timeoutNanoseconds > 0)
        {
            // A foreign task that came home meanwhile goes first; time stands still for it.
            Volatile.Write(ref _now, _woken.IsSet ? _now : _now + timeoutNanoseconds);
        }
        else if (!_woken.Wait(_options.DeadlockPatience))
        {
            throw new SimulationDeadlockException();
        }

        _woken.Reset();
    }

    private void DeliverOne()
    {
        int index;
        EventSource source;
        do
        {
            index = _random.Next(_ready.Count);
            source = _ready[index];
            if (!source.HasEvents)
            {
                source.IsListed = false;
                _ready[index] = _ready[^1];
                _ready.RemoveAt(_ready.Count - 1);
            }
        }
        while (!source.HasEvents);

        _pending--;
        source.DeliverNext();
    }

    private List<SimulatedListener> ListenersAt(int port)
    {
        if (!_listeners.TryGetValue(port, out List<SimulatedListener>? atPort))
        {
            _listeners[port] = atPort = [];
        }

        return atPort;
    }

    private int TakePort()
    {
        for (int tried = FirstEphemeralPort; tried <= LastPort; tried++)
        {
            int port = _nextPort;
            _nextPort = port == LastPort ? FirstEphemeralPort : port + 1;
            if (ListenersAt(port).Count == 0)
            {
                return port;
            }
        }

        throw new SocketException((int)SocketError.AddressNotAvailable, "Every ephemeral port of the simulation is taken by a listener.");
    }
}
