namespace Gyre.Http.Fields;

/// <summary>
/// An event of a stream that a browser's <c>EventSource</c> reads: the HTML standard, section server-sent events. What is
/// <see langword="null"/> isn't sent.
/// </summary>
public readonly record struct ServerSentEvent
{
    /// <summary>An event with data alone.</summary>
    /// <param name="data">May have several lines.</param>
    public ServerSentEvent(string data) => Data = data;

    /// <summary>
    /// What the page gets; line ends of any kind (CR LF, CR, LF) arrive as LF. Without data the browser keeps
    /// <see cref="Id"/> and <see cref="Retry"/> but tells the page nothing.
    /// </summary>
    public string? Data { get; init; }

    /// <summary>The name under which the page listens; <c>message</c> when there is none. No line end and no NUL.</summary>
    public string? Event { get; init; }

    /// <summary>What the browser sends as <c>Last-Event-ID</c> when it connects again; empty forgets it. No line end and no NUL.</summary>
    public string? Id { get; init; }

    /// <summary>How long the browser waits before it connects again, in whole milliseconds, not negative.</summary>
    public TimeSpan? Retry { get; init; }
}
