using System.Net.Sockets;
using Gyre.Drivers;

namespace Gyre.Conformance.Probes;

/// <summary>Takes the one outcome of a wait for readiness.</summary>
internal sealed class ReadinessProbe(Rig rig) : IReadinessHandler
{
    public DriverOperation Operation { get; set; } = null!;

    /// <summary>How it ended; null while it hasn't.</summary>
    public SocketError? Outcome { get; private set; }

    public bool HasEnded => Outcome is not null;

    void IReadinessHandler.OnReady(SocketError error)
    {
        rig.OnHandlerCalled("OnReady");
        if (HasEnded)
        {
            rig.Breach("OnReady came twice");
        }

        Outcome = error;
    }
}
