using System.Net;
using System.Runtime.InteropServices;
using Gyre.Conformance.Probes;
using Gyre.Drivers;
using Xunit;

namespace Gyre.Conformance;

/// <summary>One driver, turned by hand, with probes that notice every breach of the contract wherever it happens.</summary>
internal sealed class Rig : IDisposable
{
    /// <summary>Far more turns than any case needs, and few enough that virtual time can't run for ever.</summary>
    private const int TurnsMax = 1_000_000;

    private const long Millisecond = 1_000_000;

    private const long WaitMax = 60_000 * Millisecond;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly World _world;
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private readonly List<string> _breaches = [];
    private readonly List<ConnectionProbe> _connections = [];
    private readonly List<AcceptProbe> _listeners = [];
    private readonly List<Rig> _neighbours = [];
    private AcceptProbe? _pairs;
    private bool _inTurn;
    private bool _disposed;

    public Rig(World world)
    {
        _world = world;
        Driver = world.Factory();
    }

    public Driver Driver { get; }

    public World World => _world;

    /// <summary>A second driver of the same world, which is turned along with this one.</summary>
    public Rig OpenNeighbour()
    {
        Rig neighbour = _world.OpenRig();
        _neighbours.Add(neighbour);
        return neighbour;
    }

    public int Turn(long timeoutNanoseconds)
    {
        int delivered;
        _inTurn = true;
        try
        {
            delivered = Driver.Turn(timeoutNanoseconds);
        }
        finally
        {
            _inTurn = false;
        }

        AssertNoBreach();
        return delivered;
    }

    /// <summary>As <c>Turn(-1)</c>, but fails instead of waiting for ever when nothing ends the wait.</summary>
    public void WaitForEvent()
    {
        long start = Driver.GetTimestamp();
        Turn(WaitMax);
        Assert.True(Driver.GetTimestamp() - start < WaitMax, "Nothing ended the wait, though something should have.");
    }

    public void Submit()
    {
        _inTurn = true;
        try
        {
            Driver.Submit();
        }
        finally
        {
            _inTurn = false;
        }

        AssertNoBreach();
    }

    /// <summary>Turns until <paramref name="condition"/> holds; fails when it never does.</summary>
    public void TurnUntil(Func<bool> condition, string what)
    {
        var patience = new Patience(s_patience);
        for (int turns = 0; !condition(); turns++)
        {
            Assert.True(turns < TurnsMax && patience.Lasts, $"Waited in vain until {what} ({turns} turns).");
            foreach (Rig neighbour in _neighbours)
            {
                neighbour.Turn(0);
            }

            Turn(_neighbours.Count == 0 ? 10 * Millisecond : Millisecond);
        }
    }

    /// <summary>Lets what is under way arrive: a round trip on a connection of its own, twice, and some idle turns.</summary>
    public void Settle()
    {
        for (int i = 0; i < 2; i++)
        {
            (ConnectionProbe client, ConnectionProbe server) = Pair();
            server.StartReceive();
            client.Stream(1, 1);
            TurnUntil(() => server.Received == 1, "a round trip has settled the others");
            client.Close(abort: true);
            server.Close(abort: true);
            TurnUntil(() => client.IsClosed && server.IsClosed, "the settling connection is closed");
        }
    }

    public AcceptProbe Listen(IPEndPoint? endPoint = null, ListenOptions? options = null, bool accept = true)
    {
        endPoint ??= new IPEndPoint(IPAddress.Loopback, 0);
        var probe = new AcceptProbe(this, Driver.Listen(endPoint, options ?? new ListenOptions()));
        _listeners.Add(probe);
        if (accept)
        {
            probe.Start();
        }

        return probe;
    }

    public AcceptProbe AdoptListener(ListenerHandle handle, bool accept = true)
    {
        var probe = new AcceptProbe(this, Driver.AdoptListener(handle, new ListenOptions()));
        _listeners.Add(probe);
        if (accept)
        {
            probe.Start();
        }

        return probe;
    }

    public ConnectProbe Connect(IPEndPoint endPoint, ConnectOptions? options = null)
    {
        var probe = new ConnectProbe(this);
        probe.Operation = Driver.StartConnect(endPoint, options ?? new ConnectOptions(), probe);
        return probe;
    }

    public ReadinessProbe WaitReady(SafeHandle handle, ReadinessKind kind)
    {
        var probe = new ReadinessProbe(this);
        probe.Operation = Driver.StartWaitReady(handle, kind, probe);
        return probe;
    }

    /// <summary>Both ends of a new connection; the client sends the pattern with seed 1, the server that with seed 2.</summary>
    public (ConnectionProbe Client, ConnectionProbe Server) Pair()
    {
        _pairs ??= Listen();
        return Pair(_pairs);
    }

    public (ConnectionProbe Client, ConnectionProbe Server) Pair(AcceptProbe listener)
    {
        ConnectProbe connect = Connect(listener.Listener.LocalEndPoint);
        TurnUntil(() => connect.HasEnded && listener.Accepted.Count > 0, "a connection is made and accepted");
        ConnectionProbe client = connect.Connected;
        ConnectionProbe server = listener.Accepted.Dequeue();
        client.Speaks(1, hears: 2);
        server.Speaks(2, hears: 1);
        return (client, server);
    }

    /// <summary>Ends what the case left open, and checks that nothing is lost and nothing comes after an end.</summary>
    public void Finish()
    {
        foreach (AcceptProbe listener in _listeners.Where(static one => !one.IsClosing))
        {
            listener.Close();
        }

        foreach (ConnectionProbe connection in _connections.ToArray())
        {
            connection.ReturnHeld();
            connection.Close(abort: true);
        }

        TurnUntil(
            () => _connections.TrueForAll(static one => one.IsClosed) && _listeners.TrueForAll(static one => one.IsClosed),
            "everything that was closed says so");
        for (int i = 0; i < 3; i++)
        {
            Turn(0);
        }

        DriverStatistics statistics = Driver.Statistics;
        Assert.True(statistics.Connections == 0, $"{statistics.Connections} connections are counted as open after all were closed.");
        Assert.True(statistics.BuffersHeld == 0, $"{statistics.BuffersHeld} buffers are counted as held after all were returned.");
    }

    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        Driver.Dispose();
        AssertNoBreach();
    }

    internal void Adopt(ConnectionProbe connection) => _connections.Add(connection);

    /// <summary>
    /// Every handler calls this first: handlers run while the driver is turned or submits, on the loop's thread, and not after
    /// disposal.
    /// </summary>
    internal void OnHandlerCalled(string handler)
    {
        if (!_inTurn)
        {
            Breach($"{handler} was called outside Turn and Submit");
        }

        if (_disposed)
        {
            Breach($"{handler} was called after the driver was disposed");
        }

        if (Environment.CurrentManagedThreadId != _thread)
        {
            Breach($"{handler} was called on another thread");
        }
    }

    internal void Breach(string what)
    {
        lock (_breaches)
        {
            _breaches.Add(what);
        }
    }

    internal void AssertNoBreach()
    {
        lock (_breaches)
        {
            Assert.True(_breaches.Count == 0, $"The contract was broken: {string.Join("; ", _breaches)}.");
        }
    }
}
