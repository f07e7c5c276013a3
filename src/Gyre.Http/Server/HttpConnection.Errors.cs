using System.IO.Pipelines;
using System.Text;
using Gyre.Http.Protocol;

namespace Gyre.Http.Server;

internal sealed partial class HttpConnection
{
    /// <summary>Answers a request that broke the protocol, and ends the connection: what follows can't be trusted to start a request.</summary>
    private void AnswerError(ProtocolError error)
    {
        HttpContext context = _context!;
        if (!context.Writer.IsHeadWritten)
        {
            WriteClosing(context, error.StatusCode, error.Message);
        }
    }

    /// <summary>A handler failed: the peer learns that, not why, unless the failure is the peer's own.</summary>
    private void AnswerFailure(HttpContext context, Exception failure)
    {
        if (context.Writer.IsHeadWritten)
        {
            if (failure is not (RemoteProtocolException or IOException))
            {
                _server.Log($"gyre: a handler failed after its response had begun, so the connection was aborted: {context.Request}: {failure}");
            }

            if (!context.Writer.IsComplete)
            {
                _connection.Abort();
                OnVerdict(ResponseVerdict.Incomplete);
            }

            return;
        }

        context.Response.Reset();
        switch (failure)
        {
            case RemoteProtocolException remote:
                WriteClosing(context, remote.Error.StatusCode, remote.Error.Message);
                break;
            case TimeoutException when _timedOut == DeadlineKind.BodyRead:
                WriteClosing(context, 408, "The body of the request came too slowly.");
                break;
            case IOException:
                OnVerdict(ResponseVerdict.Incomplete);
                break;
            default:
                _server.Log($"gyre: a handler failed: {context.Request}: {failure}");
                context.Response.StatusCode = 500;
                context.Response.Send("The server failed to answer this request.");
                break;
        }
    }

    private void WriteClosing(HttpContext context, int status, string message)
    {
        context.Response.Reset();
        context.Response.StatusCode = status;
        context.Response.Close = true;
        context.Response.Headers.Set(KnownHeader.ContentType, "text/plain; charset=utf-8"u8);
        OnVerdict(context.Writer.WriteWhole(_output, context.Response.Head, request: null, Date, Encoding.UTF8.GetBytes(message)));
    }

    private async Task<bool> AnswerTimeoutAsync()
    {
        if (_timedOut != DeadlineKind.Header || _context is null)
        {
            return false;
        }

        WriteClosing(_context, 408, "The head of the request came too slowly.");
        await FlushAsync();
        return true;
    }

    /// <summary>The peer will send nothing more; a request that it cut short is told so, since it may still read. True to linger.</summary>
    private bool AnswerEndOfInput()
    {
        if (_context is { } context && context.Reader.InputEnded() == ReaderEvent.Error)
        {
            AnswerError(context.Reader.Error!);
            _output.FlushAsync().GetAwaiter().GetResult();
        }

        return false;
    }

    /// <summary>
    /// Ends the sending side and drops what still comes, until the peer has closed or a bound is reached: closing with unread
    /// input would send a reset, which may destroy the last response on its way.
    /// </summary>
    private async Task LingerAsync()
    {
        _output.Complete();
        SetDeadline(DeadlineKind.Linger, _server.Options.LingerTimeout);
        long left = _server.Options.DrainBytesMax;
        while (left > 0)
        {
            ReadResult read = await _input.ReadAsync();
            left -= read.Buffer.Length;
            _input.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted || read.IsCanceled)
            {
                return;
            }
        }
    }
}
