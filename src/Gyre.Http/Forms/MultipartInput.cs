using Gyre.Http.Server;

namespace Gyre.Http.Forms;

/// <summary>
/// The body of a request on its way to the library's reader, which gathers a line of a part's headers however long it gets: here is the
/// bound of what it may take before it has found the next part.
/// </summary>
internal sealed class MultipartInput(Stream body) : Stream
{
    private long _left = long.MaxValue;

    public override bool CanRead => true;

    public override bool CanWrite => false;

    public override bool CanSeek => false;

    public override long Length => throw NotSupported();

    public override long Position
    {
        get => throw NotSupported();
        set => throw NotSupported();
    }

    /// <summary>From here on at most so many bytes may be taken.</summary>
    public void Bound(long bytes) => _left = bytes;

    /// <summary>From here on any number may: a part's body has a limit of its own.</summary>
    public void Unbound() => _left = long.MaxValue;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ValueTask<int> read = body.ReadAsync(buffer, cancellationToken);
        return read.IsCompletedSuccessfully ? new ValueTask<int>(Count(read.Result)) : CountAsync(read);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => Count(body.Read(buffer, offset, count));

    public override void Flush()
    {
    }

    public override void Write(byte[] buffer, int offset, int count) => throw NotSupported();

    public override long Seek(long offset, SeekOrigin origin) => throw NotSupported();

    public override void SetLength(long value) => throw NotSupported();

    /// <summary>The body's stream completes on the loop, under no context; so must this, see <see cref="Homecoming"/>.</summary>
    private async ValueTask<int> CountAsync(ValueTask<int> read) => Count(await read.ConfigureAwait(false));

    private int Count(int count)
    {
        _left -= count;
        return _left >= 0 ? count : throw new InvalidDataException("The headers of a part don't end.");
    }

    private static NotSupportedException NotSupported() => new("The body of a request is read, in order.");
}
