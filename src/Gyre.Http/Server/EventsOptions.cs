namespace Gyre.Http;

/// <summary>How a stream of server-sent events is kept alive.</summary>
public sealed record EventsOptions
{
    /// <summary>All defaults.</summary>
    public static EventsOptions Default { get; } = new();

    /// <summary>
    /// How long the stream may be silent before a comment is sent; default 15 s, as the HTML standard advises against proxies that drop
    /// silent connections after a short time. It also finds clients that vanished without a word. Risk of more: such a proxy; of less:
    /// traffic for nothing. <see cref="Timeout.InfiniteTimeSpan"/> sends none.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Zero or negative, and not <see cref="Timeout.InfiniteTimeSpan"/>.</exception>
    public TimeSpan HeartBeat
    {
        get;
        init => field = value > TimeSpan.Zero || value == Timeout.InfiniteTimeSpan ? value : throw new ArgumentOutOfRangeException(
            nameof(HeartBeat), value, "HeartBeat must be more than zero; use Timeout.InfiniteTimeSpan to send none.");
    } = TimeSpan.FromSeconds(15);
}
