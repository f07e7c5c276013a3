using System.Buffers;

namespace Gyre.Http.Middleware;

/// <summary>Where a gzip stream writes to: whatever is the output at the time.</summary>
internal sealed class GzipOutput : Stream
{
    /// <summary>Null drops what is written.</summary>
    public IBufferWriter<byte>? Target { get; set; }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw NotSupported();

    public override long Position
    {
        get => throw NotSupported();
        set => throw NotSupported();
    }

    public override void Write(ReadOnlySpan<byte> buffer) => Target?.Write(buffer);

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
        // Nothing is held back here.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw NotSupported();

    public override long Seek(long offset, SeekOrigin origin) => throw NotSupported();

    public override void SetLength(long value) => throw NotSupported();

    private static NotSupportedException NotSupported() => new("The output of a compressor is written in order, nothing else.");
}
