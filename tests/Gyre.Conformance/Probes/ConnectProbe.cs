using System.Net.Sockets;
using Gyre.Drivers;

namespace Gyre.Conformance.Probes;

/// <summary>Takes the one outcome of a connection attempt.</summary>
internal sealed class ConnectProbe(Rig rig) : IConnectHandler
{
    private ConnectionProbe? _connection;

    public DriverOperation Operation { get; set; } = null!;

    public bool HasEnded { get; private set; }

    /// <summary>Why it failed; null when it didn't.</summary>
    public SocketError? Error { get; private set; }

    /// <summary>The connection, once there is one.</summary>
    public ConnectionProbe Connected =>
        _connection ?? throw new InvalidOperationException($"The connection attempt failed with {Error}.");

    public Action<ConnectionProbe>? WhenConnected { get; set; }

    public Action? WhenFailed { get; set; }

    void IConnectHandler.OnConnected(DriverConnection connection)
    {
        Called("OnConnected");
        _connection = new ConnectionProbe(rig, connection);
        WhenConnected?.Invoke(_connection);
    }

    void IConnectHandler.OnConnectFailed(SocketError error)
    {
        Called("OnConnectFailed");
        Error = error;
        if (error == SocketError.Success)
        {
            rig.Breach("OnConnectFailed came without a reason");
        }

        WhenFailed?.Invoke();
    }

    private void Called(string handler)
    {
        rig.OnHandlerCalled(handler);
        if (HasEnded)
        {
            rig.Breach($"{handler} came after the attempt had ended");
        }

        HasEnded = true;
    }
}
