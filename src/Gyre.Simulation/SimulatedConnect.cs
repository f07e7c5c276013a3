using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Gyre.Drivers;

namespace Gyre.Simulation;

/// <summary>A connection attempt: refused, connected, or waiting for room in a listener's backlog.</summary>
[DebuggerDisplay("connect to {_endPoint}, ended = {_ended}")]
internal sealed class SimulatedConnect(SimulatedDriver driver, IPEndPoint endPoint, IPEndPoint? local, IConnectHandler handler)
    : DriverOperation, ISimulatedTarget
{
    private readonly IPEndPoint _endPoint = endPoint;
    private SimulatedListener? _waitsFor;
    private bool _cancelled;
    private bool _ended;

    public bool IsScheduled { get; set; }

    public int Index { get; set; } = -1;

    public override void Cancel()
    {
        if (!_ended)
        {
            _cancelled = true;
            driver.Schedule(this);
        }
    }

    public override string ToString() => $"attempt to {_endPoint}";

    /// <summary>There may be room in the backlog now, or nobody listens any more.</summary>
    public void TryAgain()
    {
        _waitsFor?.RemoveWaiting(this);
        _waitsFor = null;
        driver.Schedule(this);
    }

    public void Step()
    {
        if (_ended)
        {
            return;
        }

        List<SimulatedListener> listeners = driver.Network.Ports.Find(_endPoint);
        if (_cancelled)
        {
            Fail(SocketError.OperationAborted);
        }
        else if (local is not null && !PortTable.IsOwn(local.Address))
        {
            Fail(SocketError.AddressNotAvailable);
        }
        else if (!PortTable.IsOwn(_endPoint.Address))
        {
            Fail(SocketError.NetworkUnreachable);
        }
        else if (listeners.Count == 0)
        {
            Fail(SocketError.ConnectionRefused);
        }
        else
        {
            TryJoin(listeners[driver.Network.Chance.Next(listeners.Count)]);
        }
    }

    public void Abandon()
    {
        _ended = true;
        _waitsFor?.RemoveWaiting(this);
    }

    private void TryJoin(SimulatedListener listener)
    {
        if (!listener.HasRoom)
        {
            _waitsFor?.RemoveWaiting(this);
            _waitsFor = listener;
            listener.AddWaiting(this);
            return;
        }

        bool isIPv6 = _endPoint.AddressFamily == AddressFamily.InterNetworkV6;
        IPAddress ownAddress = local is null || local.Address.Equals(IPAddress.Any) || local.Address.Equals(IPAddress.IPv6Any)
            ? isIPv6 ? IPAddress.IPv6Loopback : IPAddress.Loopback
            : local.Address;
        var own = new IPEndPoint(ownAddress, local is { Port: > 0 } ? local.Port : driver.Network.Ports.NextPort());
        bool serverSpeaksIPv6 = listener.LocalEndPoint.AddressFamily == AddressFamily.InterNetworkV6;
        (SimulatedSocket client, SimulatedSocket server) = driver.Network.Join(own, _endPoint, serverSpeaksIPv6);
        listener.Enqueue(server);
        End();
        driver.Delivering(this, "connected from port", own.Port);
        handler.OnConnected(new SimulatedConnection(driver, client));
    }

    private void Fail(SocketError error)
    {
        End();
        driver.Delivering(this, "failed with", (int)error);
        handler.OnConnectFailed(error);
    }

    private void End()
    {
        _ended = true;
        _waitsFor?.RemoveWaiting(this);
        driver.Remove(this);
    }
}
