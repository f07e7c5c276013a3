using Gyre.Http.Server;

namespace Gyre.Http;

/// <summary>Something that a server needs in order to be of use: a database, say.</summary>
/// <param name="Name">For the log and for the answer as JSON.</param>
/// <param name="IsHealthyAsync">
/// Asked on the request's loop, in its scope, at each request, so on several loops at once: keep it cheap, and safe between threads. False, an
/// exception and a time-out all mean no.
/// </param>
/// <exception cref="ArgumentNullException">One of them is null.</exception>
public sealed record HealthCheck(string Name, Func<ValueTask<bool>> IsHealthyAsync)
{
    /// <summary>For the log and for the answer as JSON.</summary>
    /// <exception cref="ArgumentNullException">Null.</exception>
    public string Name { get; init => field = OptionRules.NotNull(value); } = OptionRules.NotNull(Name, nameof(Name));

    /// <summary>
    /// Asked on the loop, in the request's scope, at each request: keep it cheap. False, an exception and a time-out all mean no.
    /// </summary>
    /// <exception cref="ArgumentNullException">Null.</exception>
    public Func<ValueTask<bool>> IsHealthyAsync { get; init => field = OptionRules.NotNull(value); }
        = OptionRules.NotNull(IsHealthyAsync, nameof(IsHealthyAsync));

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
