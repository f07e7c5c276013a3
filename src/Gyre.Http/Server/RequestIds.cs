using System.Globalization;

namespace Gyre.Http.Server;

/// <summary>Names for requests that came without one.</summary>
internal static class RequestIds
{
    /// <summary>Long enough for a W3C trace context (55) and most ids of proxies; short enough for a line of a log.</summary>
    public const int CharactersMax = 128;

    /// <summary>The name of the request with a number of its loop.</summary>
    public static string Name(string loop, long number) => string.Create(CultureInfo.InvariantCulture, $"{loop}-{number:x8}");

    public static bool IsValid(string? id) =>
        id is { Length: > 0 and <= CharactersMax } && !id.AsSpan().ContainsAnyExceptInRange('!', '~');
}
