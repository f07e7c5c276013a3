using System.Net;

namespace Gyre.Net;

/// <summary>How <see cref="TcpConnection.ConnectAsync(IPEndPoint, TcpConnectOptions?, CancellationToken)"/> connects.</summary>
public sealed record TcpConnectOptions
{
    internal static readonly TcpConnectOptions Default = new();

    /// <summary>
    /// How long an attempt may take; default <see cref="Timeout.InfiniteTimeSpan"/>, which leaves it to the system (about two
    /// minutes on Linux).
    /// </summary>
    public TimeSpan Timeout { get; init; } = System.Threading.Timeout.InfiniteTimeSpan;

    /// <summary>Own address to connect from; null lets the system choose.</summary>
    public IPEndPoint? LocalEndPoint { get; init; }

    /// <summary>Turns Nagle's delay off. Default true: the loop coalesces the writes of a turn itself.</summary>
    public bool NoDelay { get; init; } = true;
}
