namespace Gyre.Http;

/// <summary>How many requests a client may make.</summary>
public sealed record RateLimitOptions
{
    /// <summary>Requests that a client may make in each <see cref="Period"/> in the long run, at least 1. There is no default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
    public required int Requests
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, nameof(Requests));
            field = value;
        }
    }

    /// <summary>The time that <see cref="Requests"/> counts for; default 1 s.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not positive, or more than a day.</exception>
    public TimeSpan Period
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero, nameof(Period));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, TimeSpan.FromDays(1), nameof(Period));
            field = value;
        }
    } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Requests that a client at rest may make at once; default 0, which stands for <see cref="Requests"/>. Risk of less: a page with its
    /// images is refused in part; of more: bursts.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public int Burst
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value, nameof(Burst));
            field = value;
        }
    }

    /// <summary>
    /// Bits of an IPv6 address that make a client, 32 to 128; default 64: what a provider gives one customer at the least, all of whose
    /// addresses are free to them.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside 32 to 128.</exception>
    public int IPv6PrefixBits
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 32, nameof(IPv6PrefixBits));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 128, nameof(IPv6PrefixBits));
            field = value;
        }
    } = 64;

    /// <summary>
    /// Clients that are told apart at a time, at least 1; default 100,000, which is some 5 MB. Those beyond it share one bucket until
    /// others have come to rest. Risk of less: an attack from many addresses slows strangers; of more: memory.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
    public int ClientsMax
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, nameof(ClientsMax));
            field = value;
        }
    } = 100_000;

    /// <summary>The status of a refusal, 400 to 599; default 429 (RFC 6585 section 4).</summary>
    /// <exception cref="ArgumentOutOfRangeException">Another status.</exception>
    public int StatusCode
    {
        get;
        init => field = value is >= 400 and <= 599 ? value : throw new ArgumentOutOfRangeException(
            nameof(StatusCode), value, "The status of a refusal is from 400 to 599.");
    } = 429;
}
