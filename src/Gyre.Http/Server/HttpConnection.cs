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
[DebuggerDisplay("{_connection}, deadline = {_deadlineKind}")]
internal sealed partial class HttpConnection
{
    private readonly LoopServer _server;
    private readonly TcpConnection _connection;
    private readonly PipeReader _input;
    private readonly PipeWriter _output;
    private HttpContext? _context;
    private ValueTask _pending;
    private ResponseVerdict _verdict;
    private bool _hasVerdict;
    private bool _continueSent;

    public HttpConnection(LoopServer server, TcpConnection connection)
    {
        _server = server;
        _connection = connection;
        _input = connection.Input;
        _output = connection.Output;
    }

    /// <summary>What a pass over the input came to.</summary>
    private enum Progress
    {
        /// <summary>All input is consumed; more must come.</summary>
        NeedData,

        /// <summary>A request has a body: its handler may start once the input was given back, because it reads on.</summary>
        StartHandler,

        /// <summary>A handler suspended; the input must be given back before it is awaited.</summary>
        AwaitHandler,

        /// <summary>The connection ends, after what was written.</summary>
        Close,
    }

    public HttpConnection? Next { get; set; }

    public HttpConnection? Previous { get; set; }

    public PipeWriter Output => _output;

    public ReadOnlySpan<byte> Date => _server.Date;

    public IPEndPoint? RemoteEndPoint => _connection.RemoteEndPoint;

    /// <summary>Serves until either side ends the connection, then releases everything.</summary>
    public async Task RunAsync()
    {
        bool linger = true;
        try
        {
            linger = await ServeAsync();
            if (linger)
            {
                await LingerAsync();
            }
        }
        catch (IOException)
        {
            // The connection broke: the peer is gone, so there is nobody to tell.
            linger = false;
        }
        finally
        {
            SetDeadline(DeadlineKind.None, TimeSpan.Zero);
            ReturnContext();
            await _connection.DisposeAsync();
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
        ValueTask<FlushResult> flush = _output.FlushAsync();
        return flush.IsCompletedSuccessfully && !flush.Result.IsCompleted ? default : FlushSlowlyAsync(flush);
    }

    /// <summary>Answers requests; true when the connection should linger before it is closed.</summary>
    private async Task<bool> ServeAsync()
    {
        SetDeadline(DeadlineKind.KeepAlive, _server.Options.KeepAliveTimeout);
        while (true)
        {
            ReadResult read = await _input.ReadAsync();
            if (read.IsCanceled)
            {
                _input.AdvanceTo(read.Buffer.Start);
                return await AnswerTimeoutAsync();
            }

            ReadOnlySequence<byte> buffer = read.Buffer;
            Progress progress = Process(ref buffer);
            _input.AdvanceTo(buffer.Start);
            if (progress is Progress.StartHandler or Progress.AwaitHandler)
            {
                progress = await FinishHandlerAsync(progress);
            }

            if (_output.UnflushedBytes > 0)
            {
                ValueTask flush = FlushAsync();
                if (!flush.IsCompletedSuccessfully)
                {
                    await flush;
                }
            }

            if (progress == Progress.Close)
            {
                return _verdict != ResponseVerdict.Incomplete && !(buffer.IsEmpty && IsRequestRead);
            }

            if (read.IsCompleted && buffer.IsEmpty)
            {
                return AnswerEndOfInput();
            }
        }
    }

    private bool IsRequestRead => _context is null || _context.Reader.IsComplete;

    /// <summary>Reads what is in <paramref name="buffer"/> and answers as far as handlers complete at once; leaves what wasn't consumed.</summary>
    private Progress Process(ref ReadOnlySequence<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            HttpContext context = _context ??= _server.RentContext(this);
            ReaderEvent found = context.Reader.Read(buffer.FirstSpan, out int consumed);
            if (found == ReaderEvent.Error)
            {
                AnswerError(context.Reader.Error!);
                return Progress.Close;
            }

            buffer = buffer.Slice(consumed);
            if (found == ReaderEvent.Head)
            {
                Progress progress = StartRequest(context);
                if (progress != Progress.NeedData)
                {
                    return progress;
                }
            }
        }

        ArmDeadline();
        return Progress.NeedData;
    }

    /// <summary>Starts the handler of a request; <see cref="Progress.NeedData"/> when it has been answered already.</summary>
    private Progress StartRequest(HttpContext context)
    {
        SetDeadline(DeadlineKind.None, TimeSpan.Zero);
        _hasVerdict = false;
        if (context.Reader.Head.HasBody)
        {
            _continueSent = false;
            ResetBodyRate();
            return Progress.StartHandler;
        }

        _pending = Invoke(context);
        if (!_pending.IsCompleted)
        {
            return Progress.AwaitHandler;
        }

        ValueTask done = _pending;
        _pending = default;
        if (!done.IsCompletedSuccessfully)
        {
            AnswerFailure(context, FailureOf(done));
        }

        return EndRequest(context) ? Progress.NeedData : Progress.Close;
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

    private static Exception FailureOf(ValueTask done)
    {
        Task task = done.AsTask();
        return task.Exception?.InnerException ?? new OperationCanceledException("The handler was cancelled.");
    }

    private async Task<Progress> FinishHandlerAsync(Progress progress)
    {
        HttpContext context = _context!;
        try
        {
            ValueTask pending = progress == Progress.StartHandler ? Invoke(context) : _pending;
            _pending = default;
            await pending;
        }
        catch (OperationCanceledException) when (Coroutine.Current is null or { IsCancelled: true })
        {
            // The server ends: the cancellation belongs to the scope that asked for it.
            throw;
        }
#pragma warning disable CA1031 // A request that fails ends that request only.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            AnswerFailure(context, failure);
        }

        SetDeadline(DeadlineKind.None, TimeSpan.Zero);
        return await DrainBodyAsync(context) && EndRequest(context) ? Progress.NeedData : Progress.Close;
    }

    /// <summary>Completes the response of a request that was read to its end; false when the connection can't go on.</summary>
    private bool EndRequest(HttpContext context)
    {
        if (!_hasVerdict)
        {
            CompleteResponse(context);
        }

        if (_verdict != ResponseVerdict.KeepAlive)
        {
            return false;
        }

        context.Reader.Read(default, out _);
        context.Reset();
        return true;
    }

    private void CompleteResponse(HttpContext context)
    {
        if (context.Writer.IsHeadWritten)
        {
            OnVerdict(context.Writer.Complete(_output));
        }
        else
        {
            context.Response.Send(ReadOnlySpan<byte>.Empty);
        }
    }

    private async ValueTask FlushSlowlyAsync(ValueTask<FlushResult> flush)
    {
        (DeadlineKind kind, long deadline) = (_deadlineKind, _deadline);
        SetDeadline(DeadlineKind.Write, _server.SlowestWrite);
        FlushResult result = await flush;
        (_deadlineKind, _deadline) = (kind, deadline);
        if (result.IsCompleted)
        {
            throw new IOException($"{_connection} broke while a response was sent.");
        }
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
