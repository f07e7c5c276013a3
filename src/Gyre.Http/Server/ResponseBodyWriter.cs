using System.Buffers;
using System.IO.Pipelines;

namespace Gyre.Http.Server;

/// <summary>
/// The body of a response as a pipe. What is written is gathered here, because a chunk's size stands before its bytes, and becomes one
/// chunk when it is flushed.
/// </summary>
/// <remarks>Used on the loop of its connection; part of the pooled context, as the buffer is while it is small.</remarks>
internal sealed class ResponseBodyWriter(HttpResponse response) : PipeWriter
{
    private const int BytesInitial = 4096;
    private const int BytesKept = 64 * 1024;

    private ArrayBufferWriter<byte>? _gathered;
    private bool _isCompleted;
    private bool _isCancelPending;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _gathered?.WrittenCount ?? 0;

    public bool HasUnflushed => _gathered is { WrittenCount: > 0 };

    public override Memory<byte> GetMemory(int sizeHint = 0) => Writable().GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => Writable().GetSpan(sizeHint);

    public override void Advance(int bytes) => Writable().Advance(bytes);

    public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_isCancelPending)
        {
            _isCancelPending = false;
            return new FlushResult(isCanceled: true, isCompleted: false);
        }

        Commit();
        await Homecoming.Of(response.FlushAsync()).ConfigureAwait(false);
        return new FlushResult(isCanceled: false, isCompleted: false);
    }

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        if (HasUnflushed || source.Length == 0)
        {
            Writable().Write(source.Span);
            return FlushAsync(cancellationToken);
        }

        return WriteAtOnceAsync(source, cancellationToken);
    }

    public override void CancelPendingFlush() => _isCancelPending = true;

    public override void Complete(Exception? exception = null)
    {
        if (_isCompleted)
        {
            return;
        }

        if (exception is null)
        {
            Commit();
        }
        else
        {
            _gathered?.ResetWrittenCount();
            response.Connection.BreakOff();
        }

        _isCompleted = true;
    }

    /// <summary>Makes a piece of the body of what was gathered.</summary>
    public void Commit()
    {
        if (_gathered is { WrittenCount: > 0 } gathered)
        {
            response.WriteBody(response.Connection, gathered.WrittenSpan);
            gathered.ResetWrittenCount();
        }
    }

    /// <summary>Makes ready for the next response.</summary>
    public void Reset()
    {
        _isCompleted = false;
        _isCancelPending = false;
        if (_gathered is { Capacity: > BytesKept })
        {
            _gathered = null;
        }

        _gathered?.ResetWrittenCount();
    }

    private async ValueTask<FlushResult> WriteAtOnceAsync(ReadOnlyMemory<byte> source, CancellationToken token)
    {
        token.ThrowIfCancellationRequested();
        _ = Writable();
        await Homecoming.Of(response.WriteAsync(source)).ConfigureAwait(false);
        return new FlushResult(isCanceled: false, isCompleted: false);
    }

    private ArrayBufferWriter<byte> Writable() => !_isCompleted
        ? _gathered ??= new ArrayBufferWriter<byte>(BytesInitial)
        : throw new InvalidOperationException("The body of the response was completed; nothing can be written to it any more.");
}
