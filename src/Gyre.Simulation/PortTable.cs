using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Gyre.Drivers;

namespace Gyre.Simulation;

/// <summary>Who listens where, and which port is next.</summary>
[DebuggerDisplay("{Count} listeners, next port {_nextPort}")]
internal sealed class PortTable
{
    /// <summary>The range that IANA sets aside for ports that the system picks (RFC 6335, section 6).</summary>
    private const int FirstPort = 49152;

    private readonly List<SimulatedListener> _listeners = [];
    private int _nextPort = FirstPort;

    public int Count => _listeners.Count;

    /// <summary>The address to listen on, with a port.</summary>
    /// <exception cref="SocketException">Another listener has it, or this machine hasn't; the message names it.</exception>
    public IPEndPoint Bind(IPEndPoint wanted, ListenOptions options)
    {
        if (!IsOwn(wanted.Address))
        {
            throw Error(SocketError.AddressNotAvailable, wanted, "a simulated machine has the loopback addresses only");
        }

        if (wanted.Port == 0)
        {
            return new IPEndPoint(wanted.Address, NextPort());
        }

        bool taken = _listeners.Exists(other =>
            Overlap(other, wanted, options.DualStack) && !(other.IsShared && options.Shared && other.LocalEndPoint.Equals(wanted)));
        return taken
            ? throw Error(
                SocketError.AddressAlreadyInUse, wanted,
                "another listener of the simulation is there; close it, choose another port, or use port 0 to have one picked")
            : wanted;
    }

    public void Add(SimulatedListener listener) => _listeners.Add(listener);

    public void Remove(SimulatedListener listener) => _listeners.Remove(listener);

    /// <summary>Who takes connections to <paramref name="endPoint"/>; several share an address when all said so.</summary>
    public List<SimulatedListener> Find(IPEndPoint endPoint)
    {
        List<SimulatedListener> exact = _listeners.FindAll(one => one.LocalEndPoint.Equals(endPoint));
        return exact.Count > 0 ? exact : _listeners.FindAll(one => Overlap(one, endPoint, dualStack: false));
    }

    /// <summary>A port that nobody listens on.</summary>
    public int NextPort()
    {
        do
        {
            _nextPort = _nextPort == IPEndPoint.MaxPort ? FirstPort : _nextPort + 1;
        }
        while (_listeners.Exists(one => one.LocalEndPoint.Port == _nextPort));
        return _nextPort;
    }

    /// <summary>Whether the simulated machine has that address.</summary>
    public static bool IsOwn(IPAddress address) =>
        IPAddress.IsLoopback(address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private static bool Overlap(SimulatedListener listener, IPEndPoint endPoint, bool dualStack)
    {
        IPEndPoint local = listener.LocalEndPoint;
        return local.Port == endPoint.Port &&
            (local.Address.Equals(endPoint.Address) || Covers(local.Address, listener.IsDualStack, endPoint.Address) ||
                Covers(endPoint.Address, dualStack, local.Address));
    }

    private static bool Covers(IPAddress any, bool dualStack, IPAddress address) =>
        (any.Equals(IPAddress.Any) && address.AddressFamily == AddressFamily.InterNetwork) ||
        (any.Equals(IPAddress.IPv6Any) && (dualStack || address.AddressFamily == AddressFamily.InterNetworkV6));

    private static SocketException Error(SocketError error, IPEndPoint endPoint, string remedy) =>
        new((int)error, $"Can't bind {endPoint}: {remedy} ({error}).");
}
