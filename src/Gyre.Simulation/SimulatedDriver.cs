using System.Diagnostics;
using System.Net;
using Gyre.Drivers;

namespace Gyre.Simulation;

/// <summary>A driver whose clock and network exist in memory; made by <see cref="SimulatedNetwork.CreateDriver"/>.</summary>
/// <remarks>
/// It obeys the contract of <see cref="Driver"/> and uses its freedoms: events of different objects come in an order that the
/// seed decides, a stream may be split anywhere, and data may follow a stop. A wait takes no time: when nothing is under way
/// the clock jumps. A returned receive buffer is overwritten at once, so that using it later shows.
/// </remarks>
[DebuggerDisplay("driver {Number}, {_connections} connections, {_scheduled.Count} scheduled")]
public sealed class SimulatedDriver : Driver
{
    /// <summary>The name that the start-up line uses.</summary>
    public const string DriverName = "simulation";

    private readonly SimulatedNetwork _network;
    private readonly List<ISimulatedTarget> _open = [];
    private List<ISimulatedTarget> _scheduled = [];
    private List<ISimulatedTarget> _round = [];
    private int _connections;
    private long _waits;
    private long _delivered;
    private int _woken;
    private long? _waitsUntil;
    private bool _turning;
    private bool _disposed;

    internal SimulatedDriver(SimulatedNetwork network, int number, int? readyOrderSeed)
    {
        _network = network;
        Number = number;
        ReadyOrderSeed = readyOrderSeed;
        Buffers = new TransitBuffers(network.Options.ReceiveBufferCount, network.Options.ReceiveBufferBytes);
    }

    /// <inheritdoc/>
    public override string Name => DriverName;

    /// <inheritdoc/>
    public override DriverCapabilities Capabilities =>
        DriverCapabilities.SharedListen | DriverCapabilities.HandOver | DriverCapabilities.IdleWithoutBuffer;

    /// <inheritdoc/>
    public override int? ReadyOrderSeed { get; }

    /// <inheritdoc/>
    public override int? ChoiceSeed => unchecked((_network.Options.Seed * 31) + Number);

    /// <inheritdoc/>
    public override bool TimersAreExact => true;

    /// <inheritdoc/>
    public override bool IdleTurnIsFree => true;

    /// <inheritdoc/>
    public override DriverStatistics Statistics =>
        new(SystemCalls: 0, _waits, _delivered, _connections, Buffers.Held, StaleCompletions: 0);

    /// <summary>Tells the drivers of a network apart, from 1.</summary>
    public int Number { get; }

    internal SimulatedNetwork Network => _network;

    internal TransitBuffers Buffers { get; }

    /// <summary>Whether it has nothing to do until <see cref="WaitsUntil"/>.</summary>
    internal bool IsWaiting => _waitsUntil is not null && _scheduled.Count == 0 && Volatile.Read(ref _woken) == 0;

    internal long WaitsUntil => _waitsUntil ?? 0;

    /// <inheritdoc/>
    public override long GetTimestamp() => _network.Now;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => _network.Options.StartTime + _network.Elapsed;

    /// <inheritdoc/>
    public override DriverListener Listen(IPEndPoint endPoint, ListenOptions options)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        ArgumentNullException.ThrowIfNull(options);
        var listener = new SimulatedListener(this, _network.Ports.Bind(endPoint, options), options);
        Add(listener);
        _network.Ports.Add(listener);
        return listener;
    }

    /// <inheritdoc/>
    public override Task<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        try
        {
            return Task.FromResult(_network.Resolve(host));
        }
        catch (System.Net.Sockets.SocketException unknown)
        {
            return Task.FromException<IPAddress[]>(unknown);
        }
    }

    /// <inheritdoc/>
    public override DriverOperation StartConnect(IPEndPoint endPoint, ConnectOptions options, IConnectHandler handler)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        ArgumentNullException.ThrowIfNull(options);
        var connect = new SimulatedConnect(this, endPoint, options.LocalEndPoint, handler);
        Add(connect);
        Schedule(connect);
        return connect;
    }

    /// <inheritdoc/>
    public override DriverConnection Adopt(object detached) => new SimulatedConnection(this, (SimulatedSocket)detached);

    /// <inheritdoc/>
    /// <exception cref="SimulationDeadlockException">Every driver of the network waits for ever.</exception>
    public override int Turn(long timeoutNanoseconds)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_turning)
        {
            throw new InvalidOperationException("A simulated driver was turned inside its own turn, or by two threads at once.");
        }

        _turning = true;
        _waitsUntil = null;
        long before = _delivered;
        try
        {
            RunRound();
            while (timeoutNanoseconds != 0 && _delivered == before && _scheduled.Count > 0)
            {
                RunRound();
            }

            bool woken = Interlocked.Exchange(ref _woken, 0) != 0;
            if (timeoutNanoseconds != 0 && _delivered == before && !woken)
            {
                _waits++;
                _waitsUntil = timeoutNanoseconds < 0 ? long.MaxValue : SaturatingAdd(_network.Now, timeoutNanoseconds);
                _network.LetTimePass();
            }
        }
        finally
        {
            _turning = false;
        }

        return (int)(_delivered - before);
    }

    /// <inheritdoc/>
    public override void Wake() => Interlocked.Exchange(ref _woken, 1);

    /// <summary>Time has come to <paramref name="now"/>.</summary>
    internal void OnTime(long now)
    {
        if (_waitsUntil <= now)
        {
            _waitsUntil = null;
        }
    }

    /// <summary>Has <see cref="ISimulatedTarget.Step"/> called in the next round, once however often it is asked for.</summary>
    internal void Schedule(ISimulatedTarget target)
    {
        if (!target.IsScheduled && !_disposed)
        {
            target.IsScheduled = true;
            _scheduled.Add(target);
        }
    }

    /// <summary>True in one of <paramref name="times"/> cases, by the seed.</summary>
    internal bool Chance(int times) => _network.Chance.Next(times) == 0;

    /// <summary>Counts and traces an event that is about to be delivered.</summary>
    internal void Delivering(object subject, string happened, long detail = 0)
    {
        _delivered++;
        _network.Record(this, subject, happened, detail);
    }

    internal void Add(ISimulatedTarget target)
    {
        target.Index = _open.Count;
        _open.Add(target);
        _connections += target is SimulatedConnection ? 1 : 0;
    }

    internal void Remove(ISimulatedTarget target)
    {
        // The last takes the place of the one that goes.
        ISimulatedTarget last = _open[^1];
        _open[target.Index] = last;
        last.Index = target.Index;
        _open.RemoveAt(_open.Count - 1);
        target.Index = -1;
        _connections -= target is SimulatedConnection ? 1 : 0;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        _network.Remove(this);
        foreach (ISimulatedTarget target in _open)
        {
            target.Abandon();
        }
    }

    private static long SaturatingAdd(long now, long timeout) => timeout > long.MaxValue - now ? long.MaxValue : now + timeout;

    /// <summary>
    /// Everything that was scheduled gets one step, in an order that the seed decides; what that schedules is for the next
    /// round.
    /// </summary>
    private void RunRound()
    {
        (_round, _scheduled) = (_scheduled, _round);
        while (_round.Count > 0)
        {
            int index = _network.Chance.Next(_round.Count);
            ISimulatedTarget target = _round[index];
            _round[index] = _round[^1];
            _round.RemoveAt(_round.Count - 1);
            target.IsScheduled = false;
            target.Step();
        }
    }
}
