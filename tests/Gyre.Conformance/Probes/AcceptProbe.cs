using System.Net.Sockets;
using Gyre.Drivers;

namespace Gyre.Conformance.Probes;

/// <summary>Takes what a listener accepts.</summary>
internal sealed class AcceptProbe(Rig rig, DriverListener listener) : IAcceptHandler
{
    public DriverListener Listener { get; } = listener;

    /// <summary>Connections that no case has taken yet.</summary>
    public Queue<ConnectionProbe> Accepted { get; } = new();

    /// <summary>Takes connections as they are instead of wrapping each in a probe.</summary>
    public Action<DriverConnection>? WhenAcceptedRaw { get; set; }

    public Action<ConnectionProbe>? WhenAccepted { get; set; }

    public int AcceptedCount { get; private set; }

    /// <summary>Why accepting ended, each time that it did.</summary>
    public List<SocketError> Ends { get; } = [];

    public bool IsAccepting { get; private set; }

    public bool IsClosing { get; private set; }

    /// <summary>Whether the end was told; a listener that never got a handler has nobody to tell.</summary>
    public bool IsClosed { get; private set; }

    private bool WasStarted { get; set; }

    public void Start()
    {
        WasStarted = true;
        IsAccepting = true;
        Listener.StartAccept(this);
    }

    public void Stop() => Listener.StopAccept();

    public void Close()
    {
        IsClosing = true;
        Listener.Close();
        IsClosed = !WasStarted;
    }

    void IAcceptHandler.OnAccepted(DriverConnection connection)
    {
        Called("OnAccepted");
        Require(IsAccepting, "OnAccepted came while nothing was being accepted");
        AcceptedCount++;
        if (WhenAcceptedRaw is { } raw)
        {
            raw(connection);
            return;
        }

        var probe = new ConnectionProbe(rig, connection);
        Accepted.Enqueue(probe);
        WhenAccepted?.Invoke(probe);
    }

    void IAcceptHandler.OnAcceptEnded(SocketError reason)
    {
        Called("OnAcceptEnded");
        Require(IsAccepting, "OnAcceptEnded came while nothing was being accepted");
        Require(reason != SocketError.Success, "OnAcceptEnded came without a reason");
        IsAccepting = false;
        Ends.Add(reason);
    }

    void IAcceptHandler.OnListenerClosed()
    {
        rig.OnHandlerCalled("OnListenerClosed");
        Require(IsClosing, "OnListenerClosed came although nobody closed");
        Require(!IsClosed, "OnListenerClosed came twice");
        IsClosed = true;
        IsAccepting = false;
    }

    private void Called(string handler)
    {
        rig.OnHandlerCalled(handler);
        Require(!IsClosing, $"{handler} came after the listener was closed");
    }

    private void Require(bool holds, string breach)
    {
        if (!holds)
        {
            rig.Breach(breach);
        }
    }
}
