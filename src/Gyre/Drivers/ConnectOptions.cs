using System.Net;

namespace Gyre.Drivers;

/// <summary>How to connect.</summary>
public sealed record ConnectOptions
{
    /// <summary>Own address to connect from; null lets the system choose.</summary>
    public IPEndPoint? LocalEndPoint { get; init; }

    /// <summary>Turns Nagle's delay off. Default true: the loop coalesces the writes of a turn itself.</summary>
    public bool NoDelay { get; init; } = true;
}
