using Gyre.Http.Server;

namespace Gyre.Http.Forms;

/// <summary>The body of a part: the library's stream with a limit, its errors in the peer's terms, and an end when the next part comes.</summary>
internal sealed class MultipartPartStream(MultipartSource source, Stream section) : Stream
{
    private long _left = source.Options.PartBytesMax;
    private bool _isPassed;

    public override bool CanRead => true;

    public override bool CanWrite => false;

    public override bool CanSeek => false;

    public override long Length => throw NotSeekable();

    public override long Position
    {
        get => throw NotSeekable();
        set => throw NotSeekable();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        VerifyPresent();
        try
        {
            // The library's methods capture the context, so that they complete under it; this one must not.
            return Count(await Homecoming.Of(section.ReadAsync(buffer, cancellationToken)).ConfigureAwait(false));
        }
        catch (Exception failure) when (source.Explain(failure) is { } explained)
        {
            throw explained;
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Parks a cooperative thread alone; the loop's own thread must not block.</summary>
    public override int Read(byte[] buffer, int offset, int count)
    {
        VerifyPresent();
        try
        {
            return Count(section.Read(buffer, offset, count));
        }
        catch (Exception failure) when (source.Explain(failure) is { } explained)
        {
            throw explained;
        }
    }

    public override void Flush()
    {
    }

    public override void Write(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("A part of a request's body is read, not written.");

    public override long Seek(long offset, SeekOrigin origin) => throw NotSeekable();

    public override void SetLength(long value) => throw NotSeekable();

    /// <summary>Drops what the handler left, and ends the stream. A checkpoint.</summary>
    public async ValueTask PassAsync(Memory<byte> scratch)
    {
        while (await ReadAsync(scratch) > 0)
        {
        }

        _isPassed = true;
    }

    private int Count(int count)
    {
        _left -= count;
        return _left >= 0
            ? count
            : throw new HttpException(
                413, $"A part of the body has more than {source.Options.PartBytesMax} bytes, which is the most that is taken here.");
    }

    private void VerifyPresent()
    {
        if (_isPassed)
        {
            throw new InvalidOperationException("The part was passed: read it before the next one is asked for.");
        }
    }

    private static NotSupportedException NotSeekable() => new("A part of a request's body has no position; it is read in order.");
}
