using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Gyre.Drivers;

namespace Gyre.Simulation;

/// <summary>A listener of the simulated network.</summary>
[DebuggerDisplay("{LocalEndPoint}, queued = {_queue.Count}")]
internal sealed class SimulatedListener : DriverListener
{
    private readonly SimulatedDriver _driver;
    private readonly ListenOptions _options;
    private readonly Queue<SimulatedConnection> _queue = new();
    private readonly Events _events;
    private IAcceptHandler? _handler;
    private bool _accepting;
    private bool _closed;

    public SimulatedListener(SimulatedDriver driver, IPEndPoint endPoint, ListenOptions options)
    {
        _driver = driver;
        _options = options;
        _events = new Events(driver);
        LocalEndPoint = endPoint;
    }

    public override IPEndPoint LocalEndPoint { get; }

    public bool Overlaps(SimulatedListener other) => Accepts(other.LocalEndPoint.Address) || other.Accepts(LocalEndPoint.Address);

    public bool Accepts(IPAddress address)
    {
        IPAddress own = LocalEndPoint.Address;
        bool any = own.Equals(IPAddress.IPv6Any)
            ? _options.DualStack || address.AddressFamily == AddressFamily.InterNetworkV6
            : own.Equals(IPAddress.Any) && address.AddressFamily == AddressFamily.InterNetwork;
        return any || own.Equals(address);
    }

    /// <summary>Queues the far end of a connection; false when the backlog is full.</summary>
    public bool TryQueue(SimulatedConnection connection)
    {
        if (_queue.Count >= _options.Backlog)
        {
            return false;
        }

        _queue.Enqueue(connection);
        Offer();
        return true;
    }

    public override void StartAccept(IAcceptHandler handler)
    {
        Debug.Assert(!_accepting && !_closed, "The listener accepts already, or is closed.");
        _handler = handler;
        _accepting = true;
        for (int i = 0; i < _queue.Count; i++)
        {
            Offer();
        }
    }

    public override void StopAccept()
    {
        if (_accepting)
        {
            _accepting = false;
            _events.Add(() => _handler!.OnAcceptEnded(SocketError.OperationAborted));
        }
    }

    public override void Close()
    {
        if (_closed)
        {
            return;
        }

        _closed = true;
        _accepting = false;
        _driver.Remove(this);
        _events.Clear();
        while (_queue.TryDequeue(out SimulatedConnection? connection))
        {
            connection.Close(abort: true);
        }

        _events.Add(() => _handler?.OnListenerClosed());
    }

    private void Offer()
    {
        if (_accepting)
        {
            _events.Add(Accept);
        }
    }

    private void Accept()
    {
        if (_queue.TryDequeue(out SimulatedConnection? connection))
        {
            _handler!.OnAccepted(connection);
        }
    }

    private sealed class Events(SimulatedDriver driver) : EventSource(driver)
    {
        public void Add(Action happened) => Raise(happened);

        public void Clear() => ForgetEvents();
    }
}
