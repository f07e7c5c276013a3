namespace Gyre.Http;

/// <summary>How <c>UseProblemDetails</c> answers.</summary>
public sealed record ProblemDetailsOptions
{
    /// <summary>
    /// Whether an answer to a failure holds the exception with its stack, in the member <c>exception</c>; default false. Risk of true:
    /// paths, queries and secrets in messages are shown to whoever provokes a failure. For development alone.
    /// </summary>
    public bool IncludeExceptions { get; init; }
}
