namespace Gyre.Http;

/// <summary>
/// The request is well framed, but isn't what the handler can take: thrown by the members that read forms, JSON, queries; a handler may
/// throw it, too. The peer gets the status and the message, nothing is logged, and the connection goes on.
/// </summary>
/// <param name="statusCode">400 to 499, for example 400, 413 or 415.</param>
/// <param name="message">A sentence for whoever sent the request: what was wrong and what would be right. Never a secret.</param>
/// <exception cref="ArgumentOutOfRangeException">Another status.</exception>
public class BadRequestException(int statusCode, string message) : Exception(message)
{
    /// <summary>The status that answers the request, from 400 to 499.</summary>
    public int StatusCode { get; } = statusCode is >= 400 and <= 499
        ? statusCode
        : throw new ArgumentOutOfRangeException(nameof(statusCode), statusCode, "A request that is at fault has a status from 400 to 499.");
}
