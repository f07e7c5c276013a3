namespace Gyre.Http.Server;

/// <summary>The body of a response as a stream, for the BCL's writers. Used on the loop of its connection.</summary>
internal sealed class ResponseBodyStream(HttpResponse response) : Stream
{
    public override bool CanRead => false;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw NotSeekable();

    public override long Position
    {
        get => throw NotSeekable();
        set => throw NotSeekable();
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled(cancellationToken) : Homecoming.Of(response.WriteAsync(buffer));

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task FlushAsync(CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested ? Task.FromCanceled(cancellationToken) : Homecoming.Of(response.FlushAsync()).AsTask();

    /// <summary>Parks a cooperative thread alone. On the loop's own thread the bytes are gathered while there is room, as they must not block it.</summary>
    public override void Write(byte[] buffer, int offset, int count)
    {
        ValueTask write = response.WriteAsync(buffer.AsMemory(offset, count));
        if (write.IsCompleted)
        {
            write.GetAwaiter().GetResult();
        }
        else if (CooperativeThread.IsCurrent)
        {
            CooperativeThread.Await(write);
        }
        else
        {
            throw new InvalidOperationException(
                "Stream.Write of a response's body would block the loop; use WriteAsync, or run the blocking code in CooperativeThread.Run(() => …).");
        }
    }

    /// <summary>Nothing to do: each write goes out.</summary>
    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("The body of a response is written, not read.");

    public override long Seek(long offset, SeekOrigin origin) => throw NotSeekable();

    public override void SetLength(long value) => throw NotSeekable();

    private static NotSupportedException NotSeekable() => new("The body of a response has no position; it is written in order.");
}
