using System.Runtime.CompilerServices;
using Gyre.Http.Protocol;

namespace Gyre.Http;

/// <summary>
/// Limits and deadlines of a server, on by default. Deadlines are checked once a second: never early, up to a second late.
/// </summary>
public sealed record HttpServerOptions
{
    /// <summary>What one request may hold. Risk of more: memory that a stranger can claim.</summary>
    public HttpLimits Limits { get; init; } = HttpLimits.Default;

    /// <summary>
    /// From the first byte of a request head to its end, whatever arrives between; default 15 s. Risk of more: slow-header
    /// attacks hold connections longer.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative, and not <see cref="Timeout.InfiniteTimeSpan"/>.</exception>
    public TimeSpan HeaderTimeout { get; init => field = Checked(value); } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How long a connection may be silent between requests; default 130 s, above the usual 60 to 120 s of proxies, so that they
    /// close first. Risk of more: idle connections pile up.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative, and not <see cref="Timeout.InfiniteTimeSpan"/>.</exception>
    public TimeSpan KeepAliveTimeout { get; init => field = Checked(value); } = TimeSpan.FromSeconds(130);

    /// <summary>
    /// Least rate at which bodies must move, in bytes per second, each way; default 240, Kestrel's. 0 switches it off. Risk of
    /// less: slow-body and slow-read attacks.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public int BodyBytesPerSecondMin { get; init => field = Checked(value); } = 240;

    /// <summary>
    /// How long a body may rest before its rate counts; default 5 s. Risk of more: each request may hold its connection that
    /// much longer.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative; to switch the rate off, set <see cref="BodyBytesPerSecondMin"/> to
    /// 0.</exception>
    public TimeSpan BodyGrace
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero, nameof(BodyGrace));
            field = value;
        }
    } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Bytes of an unread body that are dropped to keep the connection, or before it is closed; default 256 KiB. Risk of more:
    /// work for nothing.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public int DrainBytesMax { get; init => field = Checked(value); } = 256 * 1024;

    /// <summary>
    /// How long a connection that is closed with input unread waits for the peer to read the last response; default 5 s. Risk of
    /// less: a reset may destroy that response.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative, and not <see cref="Timeout.InfiniteTimeSpan"/>.</exception>
    public TimeSpan LingerTimeout { get; init => field = Checked(value); } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Connections of one loop; accepting pauses above it. Default 0: the process's descriptor limit, less what is open
    /// when serving begins, 64 for everything else and, on each loop, up to 64 for connections that wait to be taken; shared
    /// out among the loops. What is closing and still sends counts too. Risk of more: running out
    /// of descriptors for files and outgoing connections.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public int ConnectionsPerLoopMax { get; init => field = Checked(value); }

    /// <summary>
    /// Connections that the system queues before they are accepted; default 511, as nginx has it. Risk of less: bursts of new
    /// connections are refused.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public int Backlog { get; init => field = Checked(value); } = 511;

    /// <summary>
    /// Takes a line for each request whose handler failed; any loop's thread. What it throws is ignored. Default: standard
    /// error.
    /// </summary>
    public Action<string> Log { get; init; } = static line => Console.Error.WriteLine(line);

    private static int Checked(int value, [CallerMemberName] string name = "")
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value, name);
        return value;
    }

    private static TimeSpan Checked(TimeSpan value, [CallerMemberName] string name = "") =>
        value >= TimeSpan.Zero || value == Timeout.InfiniteTimeSpan ? value : throw new ArgumentOutOfRangeException(
            name, value, $"{name} can't be negative, but was {value}; use Timeout.InfiniteTimeSpan to switch it off.");
}
