namespace Gyre.Net;

/// <summary>How <see cref="ListenerHandOff.OfferAsync"/> offers.</summary>
public sealed record ListenerHandOffOptions
{
    internal static readonly ListenerHandOffOptions Default = new();

    /// <summary>
    /// How long a process that has the listeners may take to be ready; default 90 s, systemd's for the start of a service. Then the
    /// offer is for the next. Too short refuses a server that starts slowly, too long blocks the next attempt behind one that hangs.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Not positive; nobody could be ready.</exception>
    public TimeSpan ReadyTimeout
    {
        get;
        init => field = value > TimeSpan.Zero || value == Timeout.InfiniteTimeSpan
            ? value
            : throw new ArgumentOutOfRangeException(nameof(ReadyTimeout), value, "The time to get ready is longer than zero, or infinite.");
    } = TimeSpan.FromSeconds(90);

    /// <summary>
    /// Told of each process that came and didn't take over: another user's, one that ended or hung before it was ready, or that said
    /// something else. The offer goes on. Default null. Loop thread; must not throw.
    /// </summary>
    public Action<Exception>? OnRefused { get; init; }
}
