namespace Gyre.Http;

/// <summary>
/// Says whether a decoded segment of a path may be the value of a route's parameter. Runs for each candidate, on several loops at once: keep it
/// cheap, and share nothing that isn't safe between threads.
/// </summary>
/// <param name="value">The segment, decoded, UTF-8; never empty.</param>
/// <returns>False lets the router look on.</returns>
public delegate bool RouteConstraint(ReadOnlySpan<byte> value);
