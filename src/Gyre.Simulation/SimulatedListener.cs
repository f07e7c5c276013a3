using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Gyre.Drivers;

namespace Gyre.Simulation;

/// <summary>A listener of the simulated network, with a backlog of connections that were not accepted yet.</summary>
[DebuggerDisplay("listener {LocalEndPoint}, {_backlog.Count} in the backlog")]
internal sealed class SimulatedListener(SimulatedDriver driver, IPEndPoint endPoint, ListenOptions options)
    : DriverListener, ISimulatedTarget
{
    /// <summary>As Linux has it, one more than was asked for.</summary>
    private readonly int _backlogMax = options.Backlog + 1;

    private readonly Queue<SimulatedSocket> _backlog = new();
    private readonly List<SimulatedConnect> _waiting = [];
    private IAcceptHandler? _handler;
    private bool _accepting;
    private bool _stopping;
    private bool _closing;

    public override IPEndPoint LocalEndPoint { get; } = endPoint;

    public bool IsShared { get; } = options.Shared;

    public bool IsDualStack { get; } = options.DualStack;

    public bool IsScheduled { get; set; }

    public int Index { get; set; } = -1;

    public bool HasRoom => _backlog.Count < _backlogMax;

    public override void StartAccept(IAcceptHandler handler)
    {
        if (_accepting || _closing)
        {
            throw new InvalidOperationException($"{this} accepts already, or is closed.");
        }

        _handler = handler;
        _accepting = true;
        driver.Schedule(this);
    }

    public override void StopAccept()
    {
        if (_accepting && !_stopping)
        {
            _stopping = true;
            driver.Schedule(this);
        }
    }

    public override void Close()
    {
        if (!_closing)
        {
            _closing = true;
            driver.Schedule(this);
        }
    }

    public override string ToString() => $"listener {LocalEndPoint}";

    /// <summary>A connection was made and waits to be accepted.</summary>
    public void Enqueue(SimulatedSocket socket)
    {
        _backlog.Enqueue(socket);
        driver.Schedule(this);
    }

    /// <summary>An attempt that found the backlog full waits until there is room.</summary>
    public void AddWaiting(SimulatedConnect connect) => _waiting.Add(connect);

    public void RemoveWaiting(SimulatedConnect connect) => _waiting.Remove(connect);

    public void Step()
    {
        if (_closing)
        {
            driver.Remove(this);
            LetGo();
            if (_handler is not null)
            {
                driver.Delivering(this, "closed");
                _handler.OnListenerClosed();
            }
        }
        else if (_stopping && (_backlog.Count == 0 || driver.Chance(2)))
        {
            _accepting = false;
            _stopping = false;
            driver.Delivering(this, "accepting ended");
            _handler!.OnAcceptEnded(SocketError.OperationAborted);
        }
        else if (_accepting && _backlog.TryDequeue(out SimulatedSocket? socket))
        {
            Accept(socket);
        }
    }

    public void Abandon() => LetGo();

    private void Accept(SimulatedSocket socket)
    {
        if (_waiting.Count > 0)
        {
            _waiting[0].TryAgain();
        }

        if (_backlog.Count > 0 || _stopping)
        {
            driver.Schedule(this);
        }

        driver.Delivering(this, "accepted from port", socket.Remote.Port);
        _handler!.OnAccepted(new SimulatedConnection(driver, socket));
    }

    private void LetGo()
    {
        driver.Network.Ports.Remove(this);
        while (_backlog.TryDequeue(out SimulatedSocket? socket))
        {
            socket.Close(abort: true);
        }

        foreach (SimulatedConnect connect in _waiting.ToArray())
        {
            connect.TryAgain();
        }
    }
}
