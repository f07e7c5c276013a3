using Gyre.Loop;

namespace Gyre.Net;

/// <summary>
/// What belongs to a loop as a stream, for BCL code: usable from any thread, because BCL code calls it from the pool, and by blocking in a
/// cooperative one.
/// </summary>
/// <remarks>
/// On the loop the tasks come straight from the connection's own waits, with no async method between: its completion would
/// send a <c>ConfigureAwait(false)</c> continuation to the pool. Elsewhere the call is posted home and answered by a task.
/// </remarks>
/// <param name="loop">Its loop.</param>
/// <param name="what">What it is, for messages.</param>
internal abstract class LoopStream(EventLoop loop, object what) : Stream
{
    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw NotSeekable();

    public override long Position
    {
        get => throw NotSeekable();
        set => throw NotSeekable();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        loop.HasAccess ? ReadHereAsync(buffer, cancellationToken) : ReadFromOutsideAsync(buffer, cancellationToken);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        loop.HasAccess ? WriteHereAsync(buffer, cancellationToken) : WriteFromOutsideAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Nothing to do: each write is flushed.</summary>
    public override Task FlushAsync(CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested ? Task.FromCanceled(cancellationToken) : Task.CompletedTask;

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        if (IsOnCooperativeThread("Read"))
        {
            return CooperativeThread.Await(ReadHereAsync(buffer.AsMemory(offset, count), default));
        }

        return ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();
    }

    public override void Write(byte[] buffer, int offset, int count)
    {
        if (IsOnCooperativeThread("Write"))
        {
            CooperativeThread.Await(WriteHereAsync(buffer.AsMemory(offset, count), default));
        }
        else
        {
            WriteAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();
        }
    }

    public override IAsyncResult BeginRead(byte[] buffer, int offset, int count, AsyncCallback? callback, object? state) =>
        TaskToAsyncResult.Begin(ReadAsync(buffer.AsMemory(offset, count)).AsTask(), callback, state);

    public override int EndRead(IAsyncResult asyncResult) => TaskToAsyncResult.End<int>(asyncResult);

    public override IAsyncResult BeginWrite(byte[] buffer, int offset, int count, AsyncCallback? callback, object? state) =>
        TaskToAsyncResult.Begin(WriteAsync(buffer.AsMemory(offset, count)).AsTask(), callback, state);

    public override void EndWrite(IAsyncResult asyncResult) => TaskToAsyncResult.End(asyncResult);

    public override long Seek(long offset, SeekOrigin origin) => throw NotSeekable();

    public override void SetLength(long value) => throw NotSeekable();

    /// <summary>Closes it.</summary>
    public abstract override ValueTask DisposeAsync();

    /// <summary>Reads; on the loop.</summary>
    protected abstract ValueTask<int> ReadHereAsync(Memory<byte> buffer, CancellationToken token);

    /// <summary>Writes and flushes; on the loop.</summary>
    protected abstract ValueTask WriteHereAsync(ReadOnlyMemory<byte> buffer, CancellationToken token);

    protected override void Dispose(bool isDisposing)
    {
        if (isDisposing)
        {
            ValueTask disposing = DisposeAsync();
            if (!disposing.IsCompleted && CooperativeThread.IsCurrent)
            {
                CooperativeThread.Await(disposing);
            }
            else
            {
                disposing.AsTask().GetAwaiter().GetResult();
            }
        }

        base.Dispose(isDisposing);
    }

    /// <summary>Apart from <see cref="ReadAsync(Memory{byte}, CancellationToken)"/>, which would else allocate the lambda's closure on the loop too.</summary>
    private ValueTask<int> ReadFromOutsideAsync(Memory<byte> buffer, CancellationToken token) =>
        new(HomeCall.RunAsync(loop, what, () => ReadHereAsync(buffer, token)));

    private ValueTask WriteFromOutsideAsync(ReadOnlyMemory<byte> buffer, CancellationToken token) =>
        new(HomeCall.RunAsync(loop, what, () => WriteHereAsync(buffer, token)));

    private static NotSupportedException NotSeekable() => new("A connection has no position; it is read and written in order.");

    /// <summary>Whether a blocking call parks its thread alone; on a thread without a loop it may block for real, and on the loop's own it must not.</summary>
    private bool IsOnCooperativeThread(string member)
    {
        if (!loop.HasAccess)
        {
            return false;
        }

        return CooperativeThread.IsCurrent
            ? true
            : throw new InvalidOperationException(
                $"Stream.{member} would block loop '{loop.Name}', which alone can complete it. Use {member}Async, or run the blocking code in " +
                "CooperativeThread.Run(() => …).");
    }
}
