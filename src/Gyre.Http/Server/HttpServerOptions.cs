using System.Runtime.CompilerServices;
using Gyre.Http.Protocol;
using Gyre.Http.Server;
using Gyre.Tls;
using Microsoft.Extensions.Logging;

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
    /// attacks hold connections longer. Zero ends, at the next look, what didn't come whole at once.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative, and not <see cref="Timeout.InfiniteTimeSpan"/>.</exception>
    public TimeSpan HeaderTimeout { get; init => field = Checked(value); } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// How long a connection may be silent, before its first request and between requests; default 130 s, above the usual 60 to 120 s of
    /// proxies, so that they close first. Zero ends the silence at the next look, within a second or so. Risk of more: idle connections pile up.
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
    /// Connections of one loop that are served at a time. Those above it are told so, see <see cref="SurplusConnectionsPerLoopMax"/>. Default
    /// 0: the process's descriptor limit, less what is open when serving begins, 64 for everything else and, on each loop, up to 64 for
    /// connections that wait to be taken, and <see cref="Backlog"/> where there are enough; shared out among the loops; accepting pauses above
    /// that. What is closing and still sends counts too. Risk of more: running out of descriptors for files and outgoing connections.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public int ConnectionsPerLoopMax { get; init => field = Checked(value); }

    /// <summary>
    /// Connections of one loop above <see cref="ConnectionsPerLoopMax"/> that are accepted, answered 503 with <c>Retry-After: 1</c> and closed;
    /// while there are as many, accepting pauses. Default 64; 0 lets all of them wait in the system's queue instead. Without
    /// <see cref="ConnectionsPerLoopMax"/> there are none, since each takes a descriptor. Risk of none: clients wait without a word; of
    /// many: descriptors, and work for those that are turned away.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public int SurplusConnectionsPerLoopMax { get; init => field = Checked(value); } = 64;

    /// <summary>
    /// Requests of one loop whose handlers are suspended at a time; one more is answered 503 with <c>Retry-After: 1</c> at once. Default
    /// 0: no limit. Risk of none: under more load than it can carry, every request takes for ever instead of some being refused.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public int RequestsPerLoopMax { get; init => field = Checked(value); }

    /// <summary>
    /// How long requests in flight may take to end once the server is cancelled; then they are cancelled, too. Default 30 s, as
    /// ASP.NET Core has it. Zero cancels them at once. Risk of more: a restart waits for the slowest client.
    /// </summary>
    /// <remarks>
    /// Cancelling ends Gyre's own waits. A handler that awaits a foreign task goes on, and the server with it, until that task has ended, unless
    /// it passes <see cref="HttpContext.Aborted"/> or awaits <see cref="FutureConversions.Cancellable(Task, CancellationToken)"/>.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">Negative, and not <see cref="Timeout.InfiniteTimeSpan"/>.</exception>
    public TimeSpan DrainTimeout { get; init => field = Checked(value); } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a draining server keeps idle connections, in case a request is on its way on one; default 0.5 s, several round trips of
    /// the world. Risk of less: that request is lost, and the client must send it again; of more: the restart takes longer.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative, and not <see cref="Timeout.InfiniteTimeSpan"/>.</exception>
    public TimeSpan DrainIdleTime { get; init => field = Checked(value); } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// How long the server goes on as before once it is cancelled and <see cref="HttpServer.IsReady"/> has turned false, so that
    /// load balancers notice before connections are refused; default 0. Risk of less behind a load balancer: errors at each restart.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative, and not <see cref="Timeout.InfiniteTimeSpan"/>.</exception>
    public TimeSpan DrainDelay { get; init => field = Checked(value); } = TimeSpan.Zero;

    /// <summary>
    /// Connections that the system queues before they are accepted; default 511, as nginx has it. Risk of less: bursts of new
    /// connections are refused.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public int Backlog { get; init => field = Checked(value); } = 511;

    /// <summary>How connections of <c>https</c> URLs speak TLS: certificates above all. Default null: there are no such URLs.</summary>
    public TlsServerOptions? Tls { get; init; }

    /// <summary>
    /// The path of a Unix socket at which a server hands its listening sockets to the process that replaces it, and from which it takes
    /// them when it starts, so that a restart under load loses no connection; see the guide. Linux. Default null: it doesn't.
    /// Risk: whoever may write to its folder as the same user can take the port.
    /// </summary>
    public string? HandOverPath { get; init; }

    /// <summary>
    /// Whether to take listening sockets that the parent process passed, as systemd's socket activation does (<c>LISTEN_FDS</c>): those
    /// with the name or the address of an endpoint. Default false.
    /// </summary>
    public bool TakesInheritedListeners { get; init; }

    /// <summary>
    /// Whether a client that ends its side of the connection, and may still read, cancels the handler that runs for it, as one that
    /// is gone does; default true, since the two look alike until something is sent. Risk of false: handlers go on for clients that
    /// left. Set it for clients that end their side behind a request (<c>nc -N</c>, some of HTTP/1.0).
    /// </summary>
    public bool HalfCloseCancels { get; init; } = true;

    /// <summary>
    /// Takes what the server says: failed handlers, aborted connections, refused handshakes; from any loop's thread. What it throws is
    /// ignored. Default: warnings and errors as lines on standard error.
    /// </summary>
    /// <exception cref="ArgumentNullException">Null.</exception>
    public ILogger Logger { get; init => field = OptionRules.NotNull(value); } = StandardErrorLogger.Instance;

    private static int Checked(int value, [CallerMemberName] string name = "")
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value, name);
        return value;
    }

    private static TimeSpan Checked(TimeSpan value, [CallerMemberName] string name = "") =>
        value >= TimeSpan.Zero || value == Timeout.InfiniteTimeSpan ? value : throw new ArgumentOutOfRangeException(
            name, value, $"{name} can't be negative, but was {value}; use Timeout.InfiniteTimeSpan to switch it off.");
}
