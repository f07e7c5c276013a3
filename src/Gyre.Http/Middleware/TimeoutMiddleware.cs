using System.Diagnostics;
using Gyre.Http.Server;

namespace Gyre.Http.Middleware;

/// <summary>Runs what is inside in a scope with a deadline.</summary>
internal sealed class TimeoutMiddleware
{
    private readonly TimeSpan _timeout;
    private readonly int _statusCode;

    public TimeoutMiddleware(TimeSpan timeout, int statusCode)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(timeout, TimeSpan.Zero);
        if (statusCode is not (503 or 504))
        {
            throw new ArgumentOutOfRangeException(
                nameof(statusCode), statusCode, "A request that took too long is answered 503, or 504 by what stands before another server.");
        }

        _timeout = timeout;
        _statusCode = statusCode;
    }

    public async ValueTask InvokeAsync(HttpContext context, HttpHandler next)
    {
        HttpResponse response = context.Response;
        int headers = response.Headers.Count;
        int outer = context.TimeoutStatus;
        context.TimeoutStatus = _statusCode;
        CancelScope scope = await CancelScope.MoveOnAfterAsync(_timeout, async _ => await next(context));
        context.TimeoutStatus = outer;
        if (!scope.CancelledCaught || context.IsAborted)
        {
            return;
        }

        Debug.Assert(scope.IsCancelRequested, "Nobody but the deadline cancels the scope.");
        HttpConnection connection = response.Connection;
        ServerLog.RequestTimedOut(
            connection.Server.Logger, _timeout, response.HasStarted ? "begun" : "not begun", context.Request.Describe(), context.RequestId);
        if (response.HasStarted)
        {
            connection.BreakOffUnlessWhole(context);
        }
        else
        {
            response.StartOver(headers);
            response.SendError(_statusCode, "The server took too long to answer this request.");
        }
    }
}
