namespace Gyre.Http;

/// <summary>Something that a server needs in order to be of use: a database, say.</summary>
/// <param name="Name">For the log and for the answer as JSON.</param>
/// <param name="IsHealthyAsync">
/// Asked on the request's loop, in its scope, at each request, so on several loops at once: keep it cheap, and safe between threads. False, an
/// exception and a time-out all mean no.
/// </param>
public sealed record HealthCheck(string Name, Func<ValueTask<bool>> IsHealthyAsync)
{
    /// <summary>
    /// How long the answer may take, on the loop's clock; default 2 s, since whoever asks gives up after some seconds itself. Risk of more:
    /// it does so first, and the log doesn't say why.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Not positive.</exception>
    public TimeSpan Timeout
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero, nameof(Timeout));
            field = value;
        }
    } = TimeSpan.FromSeconds(2);
}
