using Gyre.Http.Protocol;

namespace Gyre.Http;

/// <summary>Limits and deadlines of a server, on by default. Deadlines are checked once a second, so one may run up to a second long.</summary>
public sealed record HttpServerOptions
{
    /// <summary>What one request may hold. Risk of more: memory that a stranger can claim.</summary>
    public HttpLimits Limits { get; init; } = HttpLimits.Default;

    /// <summary>From the first byte of a request head to its end, whatever arrives between; default 15 s. Risk of more: slow-header attacks hold connections longer.</summary>
    public TimeSpan HeaderTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a connection may be silent between requests; default 130 s, above the usual 60 to 120 s of proxies, so that they close first. Risk of more: idle connections pile up.</summary>
    public TimeSpan KeepAliveTimeout { get; init; } = TimeSpan.FromSeconds(130);

    /// <summary>Least rate at which bodies must move, in bytes per second, each way; default 240, Kestrel's. 0 switches it off. Risk of less: slow-body and slow-read attacks.</summary>
    public int BodyBytesPerSecondMin { get; init; } = 240;

    /// <summary>How long a body may rest before its rate counts; default 5 s.</summary>
    public TimeSpan BodyGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Bytes of an unread body that are dropped to keep the connection, or before it is closed; default 256 KiB. Risk of more: work for nothing.</summary>
    public int DrainBytesMax { get; init; } = 256 * 1024;

    /// <summary>How long a closing connection waits for the peer to read the last response; default 5 s. Risk of less: a reset may destroy that response.</summary>
    public TimeSpan LingerTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Connections of one loop; accepting pauses above it. Default 0: the process's descriptor limit, less 64 for everything
    /// else, shared out among the loops. Risk of more: running out of descriptors for files and outgoing connections.
    /// </summary>
    public int ConnectionsPerLoopMax { get; init; }

    /// <summary>Connections that the system queues before they are accepted; default 511, as nginx has it.</summary>
    public int Backlog { get; init; } = 511;

    /// <summary>Takes a line for each request whose handler failed; any loop's thread. Default: standard error.</summary>
    public Action<string> Log { get; init; } = static line => Console.Error.WriteLine(line);
}
