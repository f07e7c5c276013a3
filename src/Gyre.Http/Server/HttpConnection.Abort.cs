using System.IO.Pipelines;
using System.Net;
using Gyre.Http.Protocol;
using Gyre.Net;

namespace Gyre.Http.Server;

/// <summary>
/// The client goes away while a handler runs: the handler's waits end. The scope of a request is the connection's own, used again
/// from request to request: what cancels it ends the connection as well, so nothing has to be made for a request.
/// </summary>
internal sealed partial class HttpConnection
{
    private InputEnd _inputEnd;

    /// <summary>What the peer still does.</summary>
    private enum InputEnd : byte
    {
        /// <summary>It may send.</summary>
        None,

        /// <summary>It sends nothing more, but may read.</summary>
        HalfClosed,

        /// <summary>It is gone.</summary>
        Broken,
    }

    /// <summary>The client's address, which a PROXY protocol header may have told.</summary>
    public IPEndPoint? RemoteEndPoint => _pipe is WrappedPipe { Source: { } source } ? source : Tcp.RemoteEndPoint;

    public IPEndPoint? PeerEndPoint => Tcp.RemoteEndPoint;

    public IPEndPoint? LocalEndPoint => Tcp.LocalEndPoint;

    /// <summary>Whether the bytes are encrypted on their way.</summary>
    public bool IsSecure => _pipe is WrappedPipe { IsSecure: true };

    /// <inheritdoc/>
    public void OnInputEnded(TcpConnection connection, bool isBroken)
    {
        _inputEnd = isBroken ? InputEnd.Broken : InputEnd.HalfClosed;
        if (_context is { Flow: not null } context)
        {
            AbortIfGone(context);
        }
    }

    /// <inheritdoc/>
    public void OnClosed(TcpConnection connection) => _server.GiveUpPlace();

    public string NextRequestId() => _server.NextRequestId();

    public JsonScratch TakeJsonScratch() => _server.TakeJsonScratch();

    public void GiveJsonScratch(JsonScratch scratch) => _server.GiveJsonScratch(scratch);

    /// <summary>Ends the connection in the middle of a response, so that the peer can't take it for a whole one.</summary>
    public void BreakOff()
    {
        Tcp.Abort();
        OnVerdict(ResponseVerdict.Incomplete);
    }

    /// <summary>A handler suspended: from here on the client's end is the handler's.</summary>
    private void WatchForAbort(HttpContext context)
    {
        context.Flow = Coroutine.Current;
        AbortIfGone(context);
    }

    private void AbortIfGone(HttpContext context)
    {
        if (_inputEnd == InputEnd.Broken || (_inputEnd == InputEnd.HalfClosed && _server.Options.HalfCloseCancels))
        {
            context.IsAborted = true;
            context.Flow!.Cancel(
                _inputEnd == InputEnd.Broken ? "the client broke the connection" : "the client ended its side of the connection");
        }
    }

    /// <summary>
    /// Responses to requests that came before one whose handler takes its time go out now: whoever sent them together may need the
    /// first answer to bring about the second. Doesn't wait for room, for the handler may do so itself. A file that is being read
    /// takes them along.
    /// </summary>
    private void CommitEarlierResponses()
    {
        if (Output.UnflushedBytes > 0 && !_isSendingFile)
        {
            // With a cancellation pending a flush commits and returns.
            Output.CancelPendingFlush();
            ValueTask<FlushResult> flush = Output.FlushAsync();
            if (flush.IsFaulted)
            {
                // The server ends, and says so at the next wait.
                _ = flush.AsTask().Exception;
            }
        }
    }
}
