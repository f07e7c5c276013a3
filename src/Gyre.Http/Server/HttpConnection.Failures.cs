using Gyre.Http.Protocol;

namespace Gyre.Http.Server;

/// <summary>What middleware needs to know of a failure in order to answer as the connection itself would.</summary>
internal sealed partial class HttpConnection
{
    /// <summary>Whether the peer broke the connection while a body was read or a response sent, so that nobody reads an answer.</summary>
    public bool IsBroken => _isBroken;

    /// <summary>What answers a failure of a handler.</summary>
    public FailureAnswer AnswerTo(Exception failure) => failure switch
    {
        HttpException named => new FailureAnswer(named.StatusCode, named.Detail, IsDefect: named.StatusCode >= 500),
        RemoteProtocolException remote => new FailureAnswer(remote.Error.StatusCode, remote.Error.Message, EndsConnection: true),
        TimeoutException when _timedOut == DeadlineKind.Body =>
            new FailureAnswer(408, "The body of the request came too slowly.", EndsConnection: true),
        _ => new FailureAnswer(500, "The server failed to answer this request.", IsDefect: true),
    };

    /// <summary>
    /// The status under which a request is recorded: 499 when the client went away, 0 when the server's end left it without an answer,
    /// else what the peer gets, or will get because of <paramref name="failure"/>.
    /// </summary>
    public int StatusFor(HttpContext context, Exception? failure)
    {
        const int ClientGone = 499;
        if (context.IsAborted || _isBroken)
        {
            return ClientGone;
        }

        if (failure is null || context.Writer.IsHeadWritten)
        {
            return context.Response.StatusCode;
        }

        if (IsServerEnding(failure))
        {
            return 0;
        }

        bool isTimeout = failure is OperationCanceledException && context.TimeoutStatus != 0 && CancelScope.CurrentToken.IsCancellationRequested;
        return isTimeout ? context.TimeoutStatus : AnswerTo(failure).StatusCode;
    }

    /// <summary>A response that was begun and isn't whole is never going to be.</summary>
    public void BreakOffUnlessWhole(HttpContext context)
    {
        if (!context.Writer.IsComplete)
        {
            BreakOff();
        }
    }

    private void LogIfDefect(HttpContext context, HttpException failure)
    {
        if (failure.StatusCode >= 500)
        {
            ServerLog.HandlerFailed(_server.Logger, context.Request.Describe(), context.RequestId, failure);
        }
    }
}
