namespace Gyre.Http.Server;

/// <summary>The body of a request as a stream, for the BCL's readers. Used on the loop of its connection.</summary>
internal sealed class RequestBodyStream(HttpRequest request) : Stream
{
    public override bool CanRead => true;

    public override bool CanWrite => false;

    public override bool CanSeek => false;

    public override long Length => throw NotSeekable();

    public override long Position
    {
        get => throw NotSeekable();
        set => throw NotSeekable();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<int>(cancellationToken);
        }

        return buffer.IsEmpty ? new ValueTask<int>(0) : Homecoming.Of(request.ReadBodyAsync(buffer));
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>
    /// Parks a cooperative thread alone; the loop's own thread must not block. Refused there even if bytes have come: whether they have
    /// is chance, and a read that turned out to have to wait couldn't be taken back.
    /// </summary>
    public override int Read(byte[] buffer, int offset, int count)
    {
        if (!CooperativeThread.IsCurrent)
        {
            throw new InvalidOperationException(
                "Stream.Read of a request's body would block the loop; use ReadAsync, or run the blocking code in CooperativeThread.Run(() => …).");
        }

        return count == 0 ? 0 : CooperativeThread.Await(request.ReadBodyAsync(buffer.AsMemory(offset, count)));
    }

    public override void Flush()
    {
    }

    public override void Write(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("The body of a request is read, not written.");

    public override long Seek(long offset, SeekOrigin origin) => throw NotSeekable();

    public override void SetLength(long value) => throw NotSeekable();

    private static NotSupportedException NotSeekable() => new("The body of a request has no position; it is read in order.");
}
