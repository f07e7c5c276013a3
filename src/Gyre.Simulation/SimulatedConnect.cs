using System.Net;
using System.Net.Sockets;
using Gyre.Drivers;

namespace Gyre.Simulation;

/// <summary>A connection attempt in the simulated network: decided at once, told in a turn.</summary>
internal sealed class SimulatedConnect : EventSource
{
    private readonly IConnectHandler _handler;
    private SimulatedConnection? _connection;
    private bool _cancelled;
    private bool _ended;

    public SimulatedConnect(SimulatedDriver driver, IConnectHandler handler)
        : base(driver)
    {
        _handler = handler;
        Operation = new Cancellation(this);
    }

    public DriverOperation Operation { get; }

    public void Start(IPEndPoint remote, IPEndPoint local)
    {
        SimulatedListener? listener = Driver.FindListener(remote);
        if (listener is not null)
        {
            (SimulatedConnection near, SimulatedConnection far) = SimulatedConnection.CreatePair(Driver, local, remote);
            _connection = near;
            if (!listener.TryQueue(far))
            {
                near.Close(abort: true);
                far.Close(abort: true);
                _connection = null;
            }
        }

        Raise(End);
    }

    private void End()
    {
        _ended = true;
        if (_cancelled)
        {
            _connection?.Close(abort: true);
            _handler.OnConnectFailed(SocketError.OperationAborted);
        }
        else if (_connection is null)
        {
            _handler.OnConnectFailed(SocketError.ConnectionRefused);
        }
        else
        {
            _handler.OnConnected(_connection);
        }
    }

    private sealed class Cancellation(SimulatedConnect attempt) : DriverOperation
    {
        public override void Cancel() => attempt._cancelled |= !attempt._ended;
    }
}
