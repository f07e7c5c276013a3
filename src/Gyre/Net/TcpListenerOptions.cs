namespace Gyre.Net;

/// <summary>How a <see cref="TcpListener"/> listens.</summary>
public sealed record TcpListenerOptions
{
    internal static readonly TcpListenerOptions Default = new();

    /// <summary>
    /// Connections that the system queues before they are accepted; default 511, as nginx has it. Linux caps it at
    /// <c>net.core.somaxconn</c>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
    public int Backlog
    {
        get;
        init => field = AtLeastOne(value, nameof(Backlog));
    } = 511;

    /// <summary>
    /// Accepted connections that may wait for <see cref="TcpListener.AcceptAsync"/> before accepting pauses; default 256. Each
    /// holds a descriptor.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
    public int AcceptedMax
    {
        get;
        init => field = AtLeastOne(value, nameof(AcceptedMax));
    } = 256;

    /// <summary>
    /// Whether <see cref="AcceptedMax"/> is held exactly. Default false: the io_uring driver may accept all that the system has queued at once, up
    /// to <see cref="Backlog"/> more. True costs it a submission for each connection; set it where descriptors are few.
    /// </summary>
    public bool IsAcceptedMaxExact { get; init; }

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
    /// <exception cref="ArgumentOutOfRangeException">Not positive; accepting would spin.</exception>
    public TimeSpan ExhaustionPause
    {
        get;
        init => field = value > TimeSpan.Zero
            ? value
            : throw new ArgumentOutOfRangeException(nameof(ExhaustionPause), value, "The pause is a time longer than zero.");
    } = TimeSpan.FromMilliseconds(100);

    private static int AtLeastOne(int value, string name) =>
        value >= 1 ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} is a number of connections, from 1.");
}
