namespace Gyre.Drivers;

/// <summary>How to listen.</summary>
public sealed record ListenOptions
{
    /// <summary>
    /// Connections that the system queues before they are accepted; the default, 511, is nginx's and Redis's. Linux caps it
    /// at <c>net.core.somaxconn</c>. Too low refuses bursts.
    /// </summary>
    public int Backlog { get; init; } = 511;

    /// <summary>
    /// Whether <see cref="DriverListener.StopAccept"/> must prevent the next connection's acceptance, whatever the system has queued. Default
    /// false: a driver may have taken many by then.
    /// </summary>
    public bool AcceptsOneByOne { get; init; }

    /// <summary>
    /// Lets several loops listen on one address (SO_REUSEPORT); needs <see cref="DriverCapabilities.SharedListen"/>. Default
    /// false.
    /// </summary>
    public bool Shared { get; init; }

    /// <summary>On an IPv6 address, also accepts IPv4 (dual stack). Default true.</summary>
    public bool DualStack { get; init; } = true;

    /// <summary>Turns Nagle's delay off on accepted connections. Default true: the loop coalesces the writes of a turn itself.</summary>
    public bool NoDelay { get; init; } = true;
}
