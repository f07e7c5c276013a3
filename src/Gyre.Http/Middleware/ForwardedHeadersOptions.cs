using System.Net;
using Gyre.Http.Fields;
using Gyre.Http.Server;

namespace Gyre.Http;

/// <summary>Whom <c>UseForwardedHeaders</c> believes, and about what.</summary>
public sealed record ForwardedHeadersOptions
{
    /// <summary>
    /// The networks of one's own proxies; default loopback, <c>127.0.0.0/8</c> and <c>::1</c>: a proxy on this machine. Risk of more: whoever
    /// sends from there writes addresses as they please, into logs, limits and rules. Set it to nothing where other users of the machine,
    /// or requests that a program here can be talked into, reach the port.
    /// </summary>
    /// <exception cref="ArgumentNullException">Null.</exception>
    public IReadOnlyList<IPNetwork> TrustedProxies { get; init => field = OptionRules.NotNull(value); }
        = [IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("::1/128")];

    /// <summary>Which headers are read; default <see cref="ForwardedSource.XForwarded"/>. Name the one that the proxy sets or removes always.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not one of the enumeration.</exception>
    public ForwardedSource Source { get; init => field = OptionRules.Defined(value); }

    /// <summary>
    /// What is believed; default address and scheme. Not the host, since many proxies pass a client's <c>X-Forwarded-Host</c> on: risk of
    /// links that lead to a host of the client's choice, and caches that keep them.
    /// </summary>
    public ForwardedParts Parts { get; init; } = ForwardedParts.For | ForwardedParts.Proto;

    /// <summary>
    /// How many proxies stand one behind another at the most, 1 to 16; default 1. Each must be trusted by its address all the same. Risk of
    /// more: none while the networks hold nothing but proxies.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside 1 to 16.</exception>
    public int HopsMax
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, nameof(HopsMax));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, ForwardedReader.HopsLimit, nameof(HopsMax));
            field = value;
        }
    } = 1;
}
