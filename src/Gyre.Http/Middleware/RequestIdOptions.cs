using System.Net;
using Gyre.Http.Server;

namespace Gyre.Http;

/// <summary>Where <c>UseRequestId</c> takes ids from.</summary>
public sealed record RequestIdOptions
{
    /// <summary>The header of request and response; default <c>X-Request-Id</c>. A token.</summary>
    /// <exception cref="ArgumentNullException">Null.</exception>
    public string HeaderName { get; init => field = OptionRules.NotNull(value); } = "X-Request-Id";

    /// <summary>
    /// The networks whose ids are taken, by the address at the other end of the connection; default none. Risk of more: a stranger names
    /// a request as another one is named, and who reads the logs mixes them up.
    /// </summary>
    /// <exception cref="ArgumentNullException">Null.</exception>
    public IReadOnlyList<IPNetwork> TrustedNetworks { get; init => field = OptionRules.NotNull(value); } = [];

    /// <summary>
    /// Whether a trusted caller's <c>traceparent</c> (W3C Trace Context) gives its trace id as the request's id when there is no other;
    /// default true.
    /// </summary>
    public bool UsesTraceParent { get; init; } = true;

    /// <summary>
    /// What ids that are made here begin with, up to 40 visible ASCII characters; default eight random hexadecimal digits for each start,
    /// so that processes and restarts don't repeat one another. Risk of one prefix for several processes: ids that occur twice.
    /// </summary>
    public string? Prefix { get; init; }
}
