using System.IO.Pipelines;
using System.Text;
using Gyre.Http.Protocol;
using Microsoft.Extensions.Logging;

namespace Gyre.Http.Server;

/// <summary>What the peer is told when something went wrong, and how a connection is closed so that the peer can read it.</summary>
internal sealed partial class HttpConnection
{
    /// <summary>Whether <paramref name="failure"/> is the end of the server itself, which belongs to the scope that asked for it.</summary>
    public static bool IsServerEnding(Exception failure) =>
        failure is OperationCanceledException && Coroutine.Current is null or { IsCancelled: true };

    /// <summary>A handler failed: the peer learns that, not why, unless the failure is the peer's own.</summary>
    private void AnswerFailure(HttpContext context, Exception failure)
    {
        bool isPeersFault = failure is RemoteProtocolException or HttpException { StatusCode: < 500 }
            || (failure is TimeoutException && _timedOut == DeadlineKind.Body)
            || (failure is IOException && _isBroken);
        if (context.IsAborted)
        {
            // Nobody reads an answer. What the handler threw is most likely the cancellation, or came of it.
            OnVerdict(ResponseVerdict.Incomplete);
            return;
        }

        if (context.Writer.IsHeadWritten)
        {
            if (!isPeersFault)
            {
                ServerLog.HandlerFailedLate(_server.Logger, context.Request.Describe(), context.RequestId, failure);
            }

            EndHalfWritten(context);
            return;
        }

        bool close = context.Response.Close;
        context.Response.Reset();
        context.Response.Close = close;
        if (failure is HttpException named)
        {
            LogIfDefect(context, named);
            context.Response.SendError(named.StatusCode, named.Detail);
        }
        else if (!isPeersFault)
        {
            ServerLog.HandlerFailed(_server.Logger, context.Request.Describe(), context.RequestId, failure);
            context.Response.SendError(500, "The server failed to answer this request.");
        }
        else if (failure is RemoteProtocolException remote)
        {
            WriteClosing(context, remote.Error.StatusCode, remote.Error.Message, context.Reader.Head);
        }
        else if (failure is TimeoutException)
        {
            WriteClosing(context, 408, "The body of the request came too slowly.", context.Reader.Head);
        }
        else
        {
            OnVerdict(ResponseVerdict.Incomplete);
        }
    }

    /// <summary>A response that lacks its end must not pass for a whole one: a reset tells the peer.</summary>
    private void EndHalfWritten(HttpContext context)
    {
        if (!context.Writer.IsComplete)
        {
            Tcp.Abort();
            OnVerdict(ResponseVerdict.Incomplete);
        }
    }

    /// <summary>As <see cref="WriteClosing"/>, for what never becomes a request that middleware sees.</summary>
    private void Refuse(HttpContext context, int status, string message, RequestHead? request)
    {
        if (_server.Logger.IsEnabled(LogLevel.Debug))
        {
            ServerLog.RequestRefused(_server.Logger, RemoteEndPoint, status, message);
        }

        WriteClosing(context, status, message, request);
    }

    /// <summary>
    /// Answers and ends the connection: what follows can't be trusted to start a request. What was read of the head, in
    /// <paramref name="request"/>, tells whether the answer may have a body.
    /// </summary>
    private void WriteClosing(HttpContext context, int status, string message, RequestHead? request = null)
    {
        HttpResponse response = context.Response;
        response.Reset();
        response.StatusCode = status;
        response.Close = true;
        response.Headers.Set(KnownHeader.ContentType, "text/plain; charset=utf-8"u8);
        OnVerdict(context.Writer.WriteWhole(Output, response.Head, request, Date, Encoding.UTF8.GetBytes(message)));
    }

    /// <summary>There are as many requests in flight, or connections, as may be: one more is told when to come again.</summary>
    private Progress Shed(HttpContext context)
    {
        context.Response.Headers.Set(KnownHeader.RetryAfter, "1"u8);

        // A body would have to be read, which is work too.
        context.Response.Close = IsSurplus || context.Reader.Head.HasBody;
        context.Response.SendError(503, "The server is busy; try again in a second.");
        return !context.Reader.Head.HasBody && EndRequest(context) ? Progress.ReadOn : Progress.Close;
    }

    /// <summary>A read was ended by its deadline, which ends the connection: always false, for there is nothing to read on for.</summary>
    private async Task<bool> AnswerTimeoutAsync()
    {
        if (_timedOut != DeadlineKind.Header || _context is null)
        {
            return false;
        }

        ClearDeadline();
        Refuse(_context, 408, "The head of the request came too slowly.", _context.Reader.RefusedHead);
        await FlushAsync();
        await LingerAsync();
        return false;
    }

    /// <summary>The peer will send nothing more; one that cut a request short is told so, since it may still read.</summary>
    private ValueTask AnswerEndOfInputAsync()
    {
        if (_context is not { } context || context.Reader.InputEnded() != ReaderEvent.Error)
        {
            return default;
        }

        Refuse(context, context.Reader.Error!.StatusCode, context.Reader.Error.Message, context.Reader.RefusedHead);
        return FlushAsync();
    }

    /// <summary>
    /// Ends the sending side and drops what still comes, until the peer has closed or a bound is reached: closing with unread
    /// input would send a reset, which may destroy the last response on its way.
    /// </summary>
    private async Task LingerAsync()
    {
        Output.Complete();
        SetDeadline(DeadlineKind.Linger, _server.Options.LingerTimeout);
        long left = _server.Options.DrainBytesMax;
        while (left > 0)
        {
            ReadResult read = await Input.ReadAsync();
            left -= read.Buffer.Length;
            Input.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return;
            }
        }
    }

    /// <summary>Whether the peer sent, or is about to send, what nobody will read.</summary>
    private bool IsInputLeft()
    {
        if (_context is { Reader.IsComplete: false })
        {
            return true;
        }

        if (!Input.TryRead(out ReadResult rest))
        {
            return false;
        }

        Input.AdvanceTo(rest.Buffer.Start);
        return !rest.Buffer.IsEmpty;
    }
}
