using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace Gyre.Http.Server;

/// <summary>Names for requests that came without one: numbers of a loop, whichever of its servers and addresses they came to.</summary>
[DebuggerDisplay("{_last} of {_loop,nq}")]
internal sealed class RequestIds
{
    /// <summary>Long enough for a W3C trace context (55) and most ids of proxies; short enough for a line of a log.</summary>
    public const int CharactersMax = 128;

    private static readonly ConditionalWeakTable<EventLoop, RequestIds> s_ofLoops = [];

    private readonly string _loop;
    private long _last;

    private RequestIds(string loop) => _loop = loop;

    /// <summary>Those of a loop; used on it alone.</summary>
    public static RequestIds Of(EventLoop loop) => s_ofLoops.GetValue(loop, static loop => new RequestIds(loop.Name));

    public string Next() => string.Create(CultureInfo.InvariantCulture, $"{_loop}-{++_last:x8}");

    public static bool IsValid(string? id) =>
        id is { Length: > 0 and <= CharactersMax } && !id.AsSpan().ContainsAnyExceptInRange('!', '~');
}
