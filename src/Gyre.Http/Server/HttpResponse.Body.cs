using System.Buffers;
using System.IO.Pipelines;
using Gyre.Http.Protocol;
using Gyre.Http.Server;

namespace Gyre.Http;

/// <summary>Other ways to write the body, its trailers, and what changes it on its way out.</summary>
public sealed partial class HttpResponse
{
    private BodyFilter? _filter;
    private bool _isFiltering;
    private ArrayBufferWriter<byte>? _filtered;
    private ResponseHeaders? _trailers;
    private ResponseBodyWriter? _body;
    private ResponseBodyStream? _stream;

    /// <summary>
    /// The body as a pipe: what is written goes out when it is flushed, or when the handler ends. Completing it with an exception
    /// breaks the connection off, so that the peer doesn't take the part for the whole.
    /// </summary>
    public PipeWriter Body => _body ??= new ResponseBodyWriter(this);

    /// <summary>The body as a stream: writes only. Each write goes out; disposing it does nothing.</summary>
    public Stream BodyStream => _stream ??= new ResponseBodyStream(this);

    /// <summary>
    /// What is sent behind a chunked body: may be added to until the handler ends. Left out towards HTTP/1.0 and where the body has a
    /// length. A client that wants them says <c>TE: trailers</c>; announce them in <c>Trailer</c> (RFC 9110 section 6.6.2).
    /// </summary>
    public ResponseHeaders Trailers => _trailers ??= new ResponseHeaders();

    /// <summary>
    /// Sends 103 with links that the client may load before the response is ready (RFC 8297); nothing towards HTTP/1.0. May be called
    /// several times before the head. A checkpoint.
    /// </summary>
    /// <param name="links">Values of <c>Link</c>, for example <c>&lt;/style.css&gt;; rel=preload; as=style</c>.</param>
    /// <exception cref="ArgumentException">A value has characters that can't be sent.</exception>
    /// <exception cref="InvalidOperationException">The head was sent already.</exception>
    public ValueTask SendEarlyHintsAsync(params ReadOnlySpan<string> links)
    {
        VerifyNotStarted();
        var headers = new ResponseHeaders();
        foreach (string link in links)
        {
            headers.Add(KnownHeader.Link, link);
        }

        HttpConnection connection = Connection;
        return _context.Writer.WriteInterim(connection.Output, _context.Reader.Head, 103, headers) ? connection.FlushAsync() : default;
    }

    /// <summary>Puts a filter before the body; the innermost one counts.</summary>
    internal void SetFilter(BodyFilter filter)
    {
        VerifyNotStarted();
        _filter?.Release();
        _filter = filter;
    }

    private ArrayBufferWriter<byte> Filtered => _filtered ??= new ArrayBufferWriter<byte>(1024);

    private bool BeginFilter(long? length) => _isFiltering = _filter!.Begin(_context, length);

    private void SendFiltered(HttpConnection connection, ReadOnlySpan<byte> body)
    {
        ArrayBufferWriter<byte> filtered = Filtered;
        filtered.ResetWrittenCount();
        _filter!.Write(body, filtered);
        _filter.End(filtered);
        _isFiltering = false;
        connection.BeforeHead(_context, isWhole: true);
        connection.OnVerdict(
            _context.Writer.WriteWhole(connection.Output, _head, _context.Reader.Head, connection.Date, filtered.WrittenSpan));
        _head.Headers.IsSent = true;
    }

    private void WriteFiltered(HttpConnection connection, ReadOnlySpan<byte> data)
    {
        ArrayBufferWriter<byte> filtered = Filtered;
        filtered.ResetWrittenCount();
        _filter!.Write(data, filtered);
        _context.Writer.WriteBody(connection.Output, filtered.WrittenSpan);
    }

    private void FlushFilter(HttpConnection connection)
    {
        ArrayBufferWriter<byte> filtered = Filtered;
        filtered.ResetWrittenCount();
        _filter!.Flush(filtered);
        _context.Writer.WriteBody(connection.Output, filtered.WrittenSpan);
    }

    private void EndFilter(HttpConnection connection)
    {
        ArrayBufferWriter<byte> filtered = Filtered;
        filtered.ResetWrittenCount();
        _filter!.End(filtered);
        _isFiltering = false;
        _context.Writer.WriteBody(connection.Output, filtered.WrittenSpan);
    }

    /// <summary>What a handler wrote to the pipe and didn't flush still belongs to the body.</summary>
    private void CompleteBodyPipe()
    {
        if (_body is { HasUnflushed: true } body)
        {
            body.Commit();
        }
    }

    private void ResetBody()
    {
        _trailers?.Clear();
        _body?.Reset();
        _isFiltering = false;
        if (_filter is not null)
        {
            _filter.Release();
            _filter = null;
        }

        if (_filtered is { Capacity: > FilteredBytesKept })
        {
            _filtered = null;
        }
    }

    /// <summary>Bytes of the filter's output kept from one response to the next.</summary>
    private const int FilteredBytesKept = 16 * 1024;
}
