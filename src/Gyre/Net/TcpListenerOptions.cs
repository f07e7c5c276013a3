namespace Gyre.Net;

/// <summary>How a <see cref="TcpListener"/> listens.</summary>
public sealed record TcpListenerOptions
{
    internal static readonly TcpListenerOptions Default = new();

    /// <summary>
    /// Connections that the system queues before they are accepted; default 511, as nginx has it. Linux caps it at
    /// <c>net.core.somaxconn</c>.
    /// </summary>
    public int Backlog { get; init; } = 511;

    /// <summary>
    /// Accepted connections that may wait for <see cref="TcpListener.AcceptAsync"/> before accepting pauses; default 256. Each
    /// holds a descriptor.
    /// </summary>
    public int AcceptedMax { get; init; } = 256;

    /// <summary>Lets several loops listen on one address (SO_REUSEPORT), where the system has it. Default false.</summary>
    public bool Shared { get; init; }

    /// <summary>On an IPv6 address, also accepts IPv4. Default true.</summary>
    public bool DualStack { get; init; } = true;

    /// <summary>Turns Nagle's delay off on accepted connections. Default true: the loop coalesces the writes of a turn itself.</summary>
    public bool NoDelay { get; init; } = true;

    /// <summary>
    /// How long to wait before accepting again when descriptors or memory ran out; default 100 ms. Shorter burns CPU while
    /// nothing can be accepted, longer makes clients wait after others have left.
    /// </summary>
    public TimeSpan ExhaustionPause { get; init; } = TimeSpan.FromMilliseconds(100);
}
