using System.Buffers;
using System.Diagnostics;
using System.IO.Compression;
using Gyre.Http.Fields;
using Gyre.Http.Server;

namespace Gyre.Http.Middleware;

/// <summary>Compresses one body at a time. The BCL's encoders can't be used again, so each body has one of its own, freed with it.</summary>
[DebuggerDisplay("{_coding}")]
internal sealed class CompressionFilter(CompressionPool pool, CompressionOptions options, CompressionRules rules) : BodyFilter
{
    /// <summary>What an encoder is offered at a time: a chunk of the output's buffer, not all that a large body may need.</summary>
    private const int OutputBytes = 4096;

    private readonly GzipOutput _gzipOutput = new();
    private ContentCoding _coding;
    private BrotliEncoder _brotli;
    private GZipStream? _gzip;
    private bool _hasWritten;

    /// <summary>A gzip member of no bytes, RFC 1952: the BCL's stream writes nothing at all when it was given nothing.</summary>
    private static ReadOnlySpan<byte> EmptyMember => [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    public override bool Begin(HttpContext context, long? length)
    {
        Free();
        _coding = rules.Apply(context, length);
        if (_coding == ContentCoding.Brotli)
        {
            _brotli = new BrotliEncoder(options.BrotliQuality, options.BrotliWindowBits);
        }
        else if (_coding == ContentCoding.Gzip)
        {
            _gzip = new GZipStream(_gzipOutput, options.GzipLevel, leaveOpen: true);
        }

        return _coding != ContentCoding.Identity;
    }

    public override void Write(ReadOnlySpan<byte> data, IBufferWriter<byte> output)
    {
        if (data.IsEmpty)
        {
            return;
        }

        _hasWritten = true;
        if (_gzip is not null)
        {
            _gzipOutput.Target = output;
            _gzip.Write(data);
            return;
        }

        Compress(data, output, isFinal: false);
    }

    public override void Flush(IBufferWriter<byte> output)
    {
        if (!_hasWritten)
        {
            return;
        }

        if (_gzip is not null)
        {
            _gzipOutput.Target = output;
            _gzip.Flush();
            return;
        }

        OperationStatus status;
        do
        {
            status = _brotli.Flush(output.GetSpan(OutputBytes), out int written);
            output.Advance(written);
        }
        while (status == OperationStatus.DestinationTooSmall);
    }

    public override void End(IBufferWriter<byte> output)
    {
        if (_gzip is null)
        {
            Compress(default, output, isFinal: true);
        }
        else if (_hasWritten)
        {
            _gzipOutput.Target = output;
            _gzip.Dispose();
        }
        else
        {
            output.Write(EmptyMember);
        }

        Free();
    }

    public override void Release()
    {
        Free();
        pool.Give(this);
    }

    private void Compress(ReadOnlySpan<byte> data, IBufferWriter<byte> output, bool isFinal)
    {
        OperationStatus status;
        do
        {
            status = _brotli.Compress(data, output.GetSpan(OutputBytes), out int consumed, out int written, isFinal);
            output.Advance(written);
            data = data[consumed..];
        }
        while (status == OperationStatus.DestinationTooSmall || (!data.IsEmpty && status == OperationStatus.Done));

        if (status is OperationStatus.InvalidData)
        {
            throw new InvalidOperationException("The Brotli encoder refused its input.");
        }
    }

    /// <summary>Gives the native memory back, in whatever state the body is.</summary>
    private void Free()
    {
        _brotli.Dispose();
        _brotli = default;
        if (_gzip is not null)
        {
            // What it still writes is the end of a body that nobody wants.
            _gzipOutput.Target = null;
            _gzip.Dispose();
            _gzip = null;
        }

        _gzipOutput.Target = null;
        _hasWritten = false;
        _coding = ContentCoding.Identity;
    }
}
