using System.Net.Sockets;

namespace Gyre.Drivers;

/// <summary>Receives the outcome of a wait for readiness, on the loop's thread, during a turn.</summary>
public interface IReadinessHandler
{
    /// <summary>
    /// The wait ended: ready (<see cref="SocketError.Success"/>, also for a hang-up or an error that an operation would report),
    /// cancelled, or failed.
    /// </summary>
    void OnReady(SocketError error);
}
