using Gyre.Http.Protocol;

namespace Gyre.Http;

/// <summary>Thrown by a handler to answer with a status of its choice, from however deep inside.</summary>
/// <remarks>
/// Answered as <see cref="HttpResponse.SendError"/> would, with or without <c>UseProblemDetails</c>. One of 500 and above is logged with
/// its cause. Behind a response that has begun it breaks the connection off, as any exception does.
/// </remarks>
public sealed class HttpException : Exception
{
    /// <summary>With the status that is the answer.</summary>
    /// <param name="statusCode">400 to 599.</param>
    /// <param name="detail">A sentence for whoever sent the request; null for the status's own phrase. Never a secret.</param>
    /// <param name="cause">What led to it; logged, not told to the peer.</param>
    /// <exception cref="ArgumentOutOfRangeException">Another status.</exception>
    public HttpException(int statusCode, string? detail = null, Exception? cause = null)
        : base(detail ?? $"{statusCode} {StatusLines.Reason(Checked(statusCode))}", cause)
    {
        StatusCode = Checked(statusCode);
        Detail = detail;
    }

    /// <summary>The status of the answer, 400 to 599.</summary>
    public int StatusCode { get; }

    /// <summary>What the peer is told; null for the status's own phrase.</summary>
    public string? Detail { get; }

    private static int Checked(int statusCode) => statusCode is >= 400 and <= 599 ? statusCode : throw new ArgumentOutOfRangeException(
        nameof(statusCode), statusCode, "The status of an error is from 400 to 599.");
}
