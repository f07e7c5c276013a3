using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Net;
using Gyre.Http.Protocol;
using Gyre.Net;

namespace Gyre.Http.Server;

/// <summary>Serves the requests of one connection, one after the other, in the connection's own coroutine.</summary>
/// <remarks>
/// An idle connection holds this object and its suspended coroutine, nothing else: the context with reader, writer and
/// buffers is rented when the first byte of a request arrives and goes back when none is left. Requests that arrived
/// together are answered in one pass as long as handlers complete at once, and their responses go out in one send.
/// </remarks>
[DebuggerDisplay("{Tcp}, deadline = {_deadlineKind}")]
internal sealed partial class HttpConnection : ITcpConnectionObserver
{
    /// <summary>
    /// Bytes of responses at which the requests behind them must wait until the peer has taken some: the size at which a
    /// flush waits. Else a peer that sends thousands of requests and reads nothing could fill the memory.
    /// </summary>
    private const int UnflushedBytesMax = 64 * 1024;

    private readonly LoopServer _server;

    /// <summary>The connection itself, or what stands before it; one field, for the size of an idle connection.</summary>
    private readonly IDuplexPipe _pipe;
    private HttpContext? _context;
    private ResponseVerdict _verdict;
    private bool _hasVerdict;
    private bool _isBroken;

    /// <param name="server">The server's part on this loop.</param>
    /// <param name="pipe">A <see cref="TcpConnection"/>, or a <see cref="WrappedPipe"/> around one.</param>
    public HttpConnection(LoopServer server, IDuplexPipe pipe)
    {
        _server = server;
        _pipe = pipe;
        Tcp.LingerTimeout = server.SlowestWrite(0);
        Tcp.Observe(this);
    }

    /// <summary>What a pass over the input came to.</summary>
    private enum Progress
    {
        /// <summary>All input is consumed, or the output is full; read on after a flush.</summary>
        ReadOn,

        /// <summary>A request has a body: its handler may start once the input was given back, because it reads on.</summary>
        StartHandler,

        /// <summary>A handler suspended; the input must be given back before it is awaited.</summary>
        AwaitHandler,

        /// <summary>The connection ends, after what was written.</summary>
        Close,
    }

    public HttpConnection? Next { get; set; }

    public HttpConnection? Previous { get; set; }

    /// <summary>Whether there were as many connections as may be when this one came, so that it is turned away.</summary>
    public bool IsSurplus { get; init; }

    public PipeWriter Output => _pipe.Output;

    private PipeReader Input => _pipe.Input;

    /// <summary>The connection under all that stands before it.</summary>
    public TcpConnection Tcp => _pipe as TcpConnection ?? ((WrappedPipe)_pipe).Tcp;

    /// <summary>What stands before the connection, if anything does.</summary>
    public WrappedPipe? Wrapped => _pipe as WrappedPipe;

    public LoopServer Server => _server;

    public ReadOnlySpan<byte> Date => _server.Date;

    /// <summary>Serves until either side ends the connection, then releases everything.</summary>
    /// <remarks>
    /// While a connection is idle this is the only async method of it that is suspended, and it keeps no local over the
    /// suspension: each further one would cost every idle connection some 150 bytes.
    /// </remarks>
    public async Task RunAsync()
    {
        try
        {
            bool goesOn = true;
            while (goesOn)
            {
                ArmDeadline();
                Task<bool>? unfinished = Serve(await Input.ReadAsync());
                goesOn = unfinished is null || await unfinished;
            }
        }
        catch (IOException failure) when (failure is not (FileNotFoundException or FileLoadException))
        {
            // The connection broke: the peer is gone, so there is nobody to tell.
        }
        catch (Exception failure) when (!IsServerEnding(failure))
        {
            // A defect costs the connection on which it showed, never the others. One cause: a handler left a read or a
            // write of its own under way. What it left still knows the context, which therefore is not used again.
            ServerLog.ConnectionFailed(_server.Logger, Tcp, failure);
            Tcp.Abort();
            _context?.Connection = null;
            _context = null;
        }
        finally
        {
            End();
        }
    }

    /// <summary>Records how the response of the current request ended.</summary>
    public void OnVerdict(ResponseVerdict verdict)
    {
        _verdict = verdict;
        _hasVerdict = true;
    }

    /// <summary>Lets what was written go out; waits only when the peer is far behind.</summary>
    public ValueTask FlushAsync()
    {
        long bytes = Output.UnflushedBytes;
        ValueTask<FlushResult> flush = Output.FlushAsync();
        if (!flush.IsCompletedSuccessfully)
        {
            return FlushSlowlyAsync(flush, bytes);
        }

        return flush.Result.IsCompleted ? ValueTask.FromException(Broken()) : default;
    }

    /// <summary>
    /// Serves what was read, as far as that goes at once: null to read on, else a task of the rest that tells whether to.
    /// </summary>
    private Task<bool>? Serve(ReadResult read)
    {
        ReadOnlySequence<byte> buffer = read.Buffer;
        if (read.IsCanceled && (buffer.IsEmpty || _timedOut == DeadlineKind.Header))
        {
            // A request that came in the very turn in which the silence had lasted too long is still served.
            Input.AdvanceTo(buffer.Start);
            return AnswerTimeoutAsync();
        }

        Progress progress = Process(ref buffer);
        bool isInputEnded = read.IsCompleted && buffer.IsEmpty;
        Input.AdvanceTo(buffer.Start);
        if (progress != Progress.ReadOn || isInputEnded)
        {
            return FinishAsync(progress, isInputEnded);
        }

        if (Output.UnflushedBytes == 0)
        {
            return null;
        }

        ValueTask flush = FlushAsync();
        return flush.IsCompletedSuccessfully ? null : ReadOnAfterAsync(flush);
    }

    private static async Task<bool> ReadOnAfterAsync(ValueTask flush)
    {
        await flush;
        return true;
    }

    /// <summary>What can't be done at once; true to read on.</summary>
    private async Task<bool> FinishAsync(Progress progress, bool isInputEnded)
    {
        if (progress is Progress.StartHandler or Progress.AwaitHandler)
        {
            progress = await FinishHandlerAsync(progress);
            if (_context is { IsAborted: true })
            {
                // In the cancelled scope nothing can be waited for; what was written is sent behind the close.
                return false;
            }
        }

        if (Output.UnflushedBytes > 0)
        {
            await FlushAsync();
        }

        if (progress == Progress.Close)
        {
            if (_verdict != ResponseVerdict.Incomplete && IsInputLeft())
            {
                await LingerAsync();
            }

            return false;
        }

        if (isInputEnded)
        {
            await AnswerEndOfInputAsync();
        }

        return !isInputEnded;
    }

    private void End()
    {
        ClearDeadline();
        if (_context is { Writer: { IsHeadWritten: true, IsComplete: false } })
        {
            Tcp.Abort();
        }

        ReturnContext();

        // What is unsent goes on in the background, and until that is over the connection takes a place and a descriptor.
        _ = ((IAsyncDisposable)_pipe).DisposeAsync();
        _server.Forget(this);
    }

    /// <summary>
    /// Reads what is in <paramref name="buffer"/> and answers as far as handlers complete at once; leaves what wasn't consumed.
    /// </summary>
    private Progress Process(ref ReadOnlySequence<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            HttpContext context = _context ??= _server.RentContext(this);
            ReaderEvent found = context.Reader.Read(buffer.FirstSpan, out int consumed);
            if (found == ReaderEvent.Error)
            {
                ClearDeadline();
                Refuse(context, context.Reader.Error!.StatusCode, context.Reader.Error.Message, context.Reader.RefusedHead);
                return Progress.Close;
            }

            buffer = buffer.Slice(consumed);
            if (found == ReaderEvent.Head)
            {
                Progress progress = StartRequest(context);
                if (progress != Progress.ReadOn || Output.UnflushedBytes >= UnflushedBytesMax)
                {
                    return progress;
                }
            }
        }

        return Progress.ReadOn;
    }

    /// <summary>Starts the handler of a request; <see cref="Progress.ReadOn"/> when it has been answered already.</summary>
    private Progress StartRequest(HttpContext context)
    {
        ClearDeadline();
        _timedOut = DeadlineKind.None;
        _hasVerdict = false;
        if (context.Reader.Head.IsHttpsTarget && !IsSecure)
        {
            // RFC 9110 section 7.4: it was meant for a secured connection, and so are its answer's cookies.
            Refuse(context, 421, "The target is an https one, but this connection isn't encrypted.", context.Reader.Head);
            return Progress.Close;
        }

        if ((IsSurplus || _server.IsOverloaded) && !_server.Essentials.Contains(context.Reader.Head))
        {
            return Shed(context);
        }

        if (context.Reader.Head.HasBody)
        {
            BeginBody(context);
            return Progress.StartHandler;
        }

        context.Pending = Invoke(context);
        if (!context.Pending.IsCompleted)
        {
            return Progress.AwaitHandler;
        }

        ValueTask done = context.Pending;
        context.Pending = default;
        if (!done.IsCompletedSuccessfully)
        {
            AnswerFailureOf(context, done);
        }

        return EndRequest(context) ? Progress.ReadOn : Progress.Close;
    }

    private ValueTask Invoke(HttpContext context)
    {
        try
        {
            return _server.Dispatch(context);
        }
#pragma warning disable CA1031 // A handler that throws at once has failed like any other.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            return ValueTask.FromException(failure);
        }
    }

    private void AnswerFailureOf(HttpContext context, ValueTask done)
    {
        try
        {
            done.GetAwaiter().GetResult();
        }
#pragma warning disable CA1031 // A request that fails ends that request only.
        catch (Exception failure) when (!IsServerEnding(failure))
#pragma warning restore CA1031
        {
            AnswerFailure(context, failure);
        }
    }

    private async Task<Progress> FinishHandlerAsync(Progress progress)
    {
        HttpContext context = _context!;
        CommitEarlierResponses();
        try
        {
            ValueTask pending = progress == Progress.StartHandler ? Invoke(context) : context.Pending;
            context.Pending = default;
            if (!pending.IsCompleted)
            {
                WatchForAbort(context);
                _server.RequestsInFlight++;
            }

            await pending;
        }
#pragma warning disable CA1031 // A request that fails ends that request only.
        catch (Exception failure) when (context.IsAborted || !IsServerEnding(failure))
#pragma warning restore CA1031
        {
            AnswerFailure(context, failure);
        }
        finally
        {
            if (context.Flow is not null)
            {
                context.Flow = null;
                _server.RequestsInFlight--;
            }
        }

        if (context.IsAborted)
        {
            CompleteResponse(context);
            return Progress.Close;
        }

        return await DrainBodyAsync(context) && EndRequest(context) ? Progress.ReadOn : Progress.Close;
    }

    /// <summary>Completes the response of a request that was read to its end; false when the connection can't go on.</summary>
    private bool EndRequest(HttpContext context)
    {
        CompleteResponse(context);
        if (_verdict != ResponseVerdict.KeepAlive || context.Response.Close)
        {
            return false;
        }

        context.Reader.Read(default, out _);
        context.Reset();
        return true;
    }

    /// <summary>Ends the response as its handler left it, unless it was ended already.</summary>
    public void CompleteResponse(HttpContext context)
    {
        if (_hasVerdict)
        {
            return;
        }

        context.Response.Complete();
        if (_verdict == ResponseVerdict.Incomplete)
        {
            ServerLog.BodyIncomplete(
                _server.Logger, context.Response.ContentLength, context.Writer.BodyBytesWritten, context.Request.Describe(), context.RequestId);
            Tcp.Abort();
        }
    }

    private async ValueTask FlushSlowlyAsync(ValueTask<FlushResult> flush, long bytes)
    {
        BeginWriteWait(bytes);
        try
        {
            if ((await flush).IsCompleted)
            {
                throw Broken();
            }
        }
        finally
        {
            EndWriteWait();
        }
    }

    private IOException Broken()
    {
        _isBroken = true;
        return new IOException($"{Tcp} broke while a response was sent.");
    }

    private void ReturnContext()
    {
        if (_context is { } context)
        {
            _context = null;
            _server.ReturnContext(context);
        }
    }
}
