using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Gyre.Diagnostics;

namespace Gyre.Simulation;

/// <summary>
/// A machine that exists in memory: a virtual clock, the loopback addresses, ports, and the streams between them. Drivers made
/// by one network reach each other and share its time.
/// </summary>
/// <remarks>
/// Used on one thread. Time stands still while any driver has something to do, and jumps to the next time-out when all of
/// them wait; so whoever turns several drivers turns each of them again and again. Nothing is lost or delayed yet: the
/// network has no faults, only an order of its own.
/// </remarks>
[DebuggerDisplay("{Elapsed}, {_drivers.Count} drivers, {_ports.Count} listeners")]
public sealed class SimulatedNetwork
{
    private readonly List<SimulatedDriver> _drivers = [];
    private readonly PortTable _ports = new();
    private readonly Dictionary<string, IPAddress[]> _names = new(StringComparer.OrdinalIgnoreCase)
    {
        ["localhost"] = [IPAddress.Loopback, IPAddress.IPv6Loopback],
    };

    private int _driversMade;
    private long _now;

    /// <summary>Makes an empty network.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A size is less than one.</exception>
    public SimulatedNetwork(SimulationOptions? options = null)
    {
        Options = options ?? new SimulationOptions();
        Options.Validate();
        Chance = new Random(Options.Seed);
    }

    /// <summary>What it was made with.</summary>
    public SimulationOptions Options { get; }

    /// <summary>Virtual time since the start.</summary>
    public TimeSpan Elapsed => new(_now / 100);

    /// <summary>Events that the drivers of this network have delivered.</summary>
    public long Events { get; private set; }

    /// <summary>Virtual time in nanoseconds.</summary>
    internal long Now => _now;

    /// <summary>The only source of chance, so that the seed decides everything.</summary>
    internal Random Chance { get; }

    internal PortTable Ports => _ports;

    /// <summary>The main coroutine of the run on this network, so that a deadlock can name who waits; null before it began.</summary>
    internal CoroutineNode? Main { get; set; }

    /// <summary>Makes a driver on this network.</summary>
    public SimulatedDriver CreateDriver()
    {
        int number = ++_driversMade;
        int? readySeed = Options.ShuffleReady ? unchecked((Options.Seed * 397) + number) : null;
        var driver = new SimulatedDriver(this, number, readySeed);
        _drivers.Add(driver);
        return driver;
    }

    /// <summary>Gives a name to addresses of this network; <c>localhost</c> has one already.</summary>
    /// <param name="host">The name; case doesn't count. One that has addresses gets these instead.</param>
    /// <param name="addresses">In the order in which they are tried.</param>
    /// <exception cref="ArgumentException">No name, or no address.</exception>
    public void AddName(string host, params IPAddress[] addresses)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(host);
        ArgumentNullException.ThrowIfNull(addresses);
        if (addresses.Length == 0)
        {
            throw new ArgumentException($"The name '{host}' was given no address; give at least one.", nameof(addresses));
        }

        _names[host] = [.. addresses];
    }

    internal IPAddress[] Resolve(string host) => _names.TryGetValue(host, out IPAddress[]? addresses)
        ? [.. addresses]
        : throw new SocketException((int)SocketError.HostNotFound, $"The simulated network knows no '{host}'; SimulatedNetwork.AddName names hosts.");

    internal void Remove(SimulatedDriver driver) => _drivers.Remove(driver);

    internal void Record(SimulatedDriver driver, object subject, string happened, long detail)
    {
        Events++;
        Options.Trace?.Invoke($"{_now} driver {driver.Number} {subject}: {happened} {detail}");
    }

    /// <summary>
    /// A driver has nothing to do. When all of them wait, time jumps to the earliest time-out; otherwise the others must be
    /// turned first, and this wait ends early.
    /// </summary>
    internal void LetTimePass()
    {
        long next = long.MaxValue;
        foreach (SimulatedDriver driver in _drivers)
        {
            if (!driver.IsWaiting)
            {
                return;
            }

            next = Math.Min(next, driver.WaitsUntil);
        }

        if (next == long.MaxValue)
        {
            throw new SimulationDeadlockException(Elapsed, WaitingTree.Describe(Main));
        }

        _now = Math.Max(_now, next);
        foreach (SimulatedDriver driver in _drivers)
        {
            driver.OnTime(_now);
        }
    }

    /// <summary>Both ends of a new stream.</summary>
    internal (SimulatedSocket Client, SimulatedSocket Server) Join(IPEndPoint client, IPEndPoint server, bool serverSpeaksIPv6)
    {
        var near = new SimulatedSocket(Options.SocketBufferBytes, client, server);
        bool map = serverSpeaksIPv6 && client.AddressFamily == AddressFamily.InterNetwork;
        var far = new SimulatedSocket(
            Options.SocketBufferBytes,
            map ? new IPEndPoint(server.Address.MapToIPv6(), server.Port) : server,
            map ? new IPEndPoint(client.Address.MapToIPv6(), client.Port) : client);
        near.Peer = far;
        far.Peer = near;
        return (near, far);
    }
}
