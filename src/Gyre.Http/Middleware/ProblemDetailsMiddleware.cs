using Gyre.Http.Protocol;
using Gyre.Http.Server;

namespace Gyre.Http.Middleware;

/// <summary>Turns failures into problems, RFC 9457.</summary>
internal sealed class ProblemDetailsMiddleware(ProblemDetailsOptions options)
{
    public ValueTask Invoke(HttpContext context, HttpHandler next)
    {
        context.AnswersProblems = true;
        int headers = context.Response.Headers.Count;
        ValueTask answering;
        try
        {
            answering = next(context);
        }
#pragma warning disable CA1031 // Whatever a handler throws is answered; it is logged below.
        catch (Exception failure) when (MayAnswer(context, failure))
#pragma warning restore CA1031
        {
            Answer(context, failure, headers);
            return default;
        }

        return answering.IsCompletedSuccessfully ? default : FinishAsync(answering, context, headers);
    }

    private async ValueTask FinishAsync(ValueTask answering, HttpContext context, int headers)
    {
        try
        {
            await answering;
        }
#pragma warning disable CA1031 // As above.
        catch (Exception failure) when (MayAnswer(context, failure))
#pragma warning restore CA1031
        {
            Answer(context, failure, headers);
        }
    }

    /// <summary>
    /// Cancellation belongs to whoever asked for it (a foreign task's own time-out is a failure like any other), and nobody reads an answer
    /// on a broken connection.
    /// </summary>
    private static bool MayAnswer(HttpContext context, Exception failure)
    {
        bool isCancellation = failure is OperationCanceledException && CancelScope.CurrentToken.IsCancellationRequested;
        return !isCancellation && !context.Response.HasStarted && !context.IsAborted && !context.Response.Connection.IsBroken;
    }

    private void Answer(HttpContext context, Exception failure, int headers)
    {
        HttpResponse response = context.Response;
        FailureAnswer answer = response.Connection.AnswerTo(failure);
        response.StartOver(headers);
        response.Close |= answer.EndsConnection;
        if (answer.IsDefect)
        {
            ServerLog.HandlerFailed(response.Connection.Server.Logger, context.Request.Describe(), context.RequestId, failure);
        }

        if (!options.IncludeExceptions)
        {
            response.SendError(answer.StatusCode, answer.Detail);
            return;
        }

        response.StatusCode = answer.StatusCode;
        response.Headers.Set(KnownHeader.ContentType, "application/problem+json"u8);
        response.Send(ProblemDetails.Encode(answer.StatusCode, answer.Detail, context.RequestId, failure.ToString()));
    }
}
