using System.Text;
using Gyre.Http.Protocol;
using Gyre.Http.Server;

namespace Gyre.Http;

/// <summary>What the peer gets: status and headers first, then the body, at once or in pieces.</summary>
/// <remarks>A handler that writes nothing answers with its status and an empty body. Used on the loop of its connection.</remarks>
public sealed partial class HttpResponse
{
    private readonly HttpContext _context;
    private readonly ResponseHead _head = new();

    internal HttpResponse(HttpContext context) => _context = context;

    /// <summary>The final status, 200 to 599, or 101; default 200.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not such a status.</exception>
    /// <exception cref="InvalidOperationException">The head was sent already.</exception>
    public int StatusCode
    {
        get => _head.StatusCode;
        set
        {
            VerifyNotStarted();
            if (value is (< 200 and not 101) or > 599)
            {
                throw new ArgumentOutOfRangeException(nameof(value), value, "The status of a response is from 200 to 599, or 101.");
            }

            _head.StatusCode = value;
        }
    }

    /// <summary>Everything but the headers that frame the message, which the server writes.</summary>
    public ResponseHeaders Headers => _head.Headers;

    /// <summary>
    /// How long the body will be, in bytes; null, the default, sends it in chunks. A body that doesn't keep to it is an error.
    /// </summary>
    /// <exception cref="InvalidOperationException">The head was sent already.</exception>
    public long? ContentLength
    {
        get => _head.ContentLength;
        set
        {
            VerifyNotStarted();
            _head.ContentLength = value;
        }
    }

    /// <summary>Whether the head was written, so that the status can't be changed any more.</summary>
    public bool HasStarted => _context.Writer.IsHeadWritten;

    /// <summary>Bytes of the body that were written so far, without the framing; after compression, if any.</summary>
    public long BodyBytesWritten => _context.Writer.BodyBytesWritten;

    /// <summary>
    /// Ends the connection after this response. The peer is told when it is set before the head is sent.
    /// </summary>
    public bool Close
    {
        get => _head.Close;
        set => _head.Close = value;
    }

    internal HttpContext Context => _context;

    internal ResponseHead Head => _head;

    /// <summary>Answers with a whole body. Nothing may follow. Not a checkpoint; the bytes go out at the turn's end.</summary>
    /// <param name="body">Copied.</param>
    /// <exception cref="InvalidOperationException">The response has begun already.</exception>
    public void Send(ReadOnlySpan<byte> body)
    {
        VerifyNotStarted();
        HttpConnection connection = Connection;
        if (_filter is not null && BeginFilter(body.Length))
        {
            SendFiltered(connection, body);
            return;
        }

        connection.BeforeHead(_context, isWhole: true);
        connection.OnVerdict(_context.Writer.WriteWhole(connection.Output, _head, _context.Reader.Head, connection.Date, body));
        _head.Headers.IsSent = true;
    }

    /// <summary>
    /// Answers with a whole text, as UTF-8, with the content type <c>text/plain; charset=utf-8</c> unless another was set.
    /// </summary>
    /// <inheritdoc cref="Send(ReadOnlySpan{byte})"/>
    public void Send(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!Headers.Contains(KnownHeader.ContentType))
        {
            Headers.Set(KnownHeader.ContentType, "text/plain; charset=utf-8"u8);
        }

        Send(Encoding.UTF8.GetBytes(text));
    }

    /// <summary>Writes a piece of the body and lets it go out; sends the head first, if it hasn't been. A checkpoint.</summary>
    /// <param name="data">Copied.</param>
    /// <exception cref="LocalProtocolException">More than <see cref="ContentLength"/>.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    /// <exception cref="OperationCanceledException">The scope was cancelled.</exception>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> data)
    {
        HttpConnection connection = Connection;
        WriteBody(connection, data.Span);
        if (_isFiltering)
        {
            FlushFilter(connection);
        }

        return connection.FlushAsync();
    }

    /// <summary>
    /// Lets everything written so far go out, the head too: for a response whose beginning the client should have before its end
    /// is known. A checkpoint.
    /// </summary>
    /// <exception cref="IOException">The connection broke.</exception>
    /// <exception cref="OperationCanceledException">The scope was cancelled.</exception>
    public ValueTask FlushAsync() => WriteAsync(ReadOnlyMemory<byte>.Empty);

    /// <summary>For example <c>200</c>.</summary>
    public override string ToString() => $"{StatusCode}";

    /// <summary>Writes body bytes without letting them go out.</summary>
    internal void WriteBody(HttpConnection connection, ReadOnlySpan<byte> data)
    {
        if (!HasStarted)
        {
            if (_filter is not null && BeginFilter(_head.ContentLength))
            {
                _head.ContentLength = null;
            }

            WriteHead(connection);
        }

        if (_isFiltering)
        {
            WriteFiltered(connection, data);
        }
        else
        {
            _context.Writer.WriteBody(connection.Output, data);
        }
    }

    /// <summary>Ends the response as its handler left it: without a body, when none was written.</summary>
    internal void Complete()
    {
        CompleteBodyPipe();
        if (HasStarted)
        {
            HttpConnection connection = Connection;
            if (_isFiltering)
            {
                EndFilter(connection);
            }

            connection.OnVerdict(_context.Writer.Complete(connection.Output, _trailers));
        }
        else if (_head.ContentLength is not null || _context.Reader.Head.Method == RequestMethod.Head)
        {
            EndWithoutBody();
        }
        else
        {
            Send(ReadOnlySpan<byte>.Empty);
        }
    }

    internal void Reset()
    {
        _head.Reset();
        _context.Writer.Reset();
        ResetBody();
    }

    /// <summary>
    /// A head alone, with the length that the handler declared, if any: for HEAD and 304 it tells of the body that isn't sent
    /// (RFC 9110 section 8.6), so none may be made up.
    /// </summary>
    private void EndWithoutBody()
    {
        HttpConnection connection = Connection;
        if (_filter is not null && BeginFilter(_head.ContentLength))
        {
            // There is nothing to filter, but the head is that of the filtered body, whose length isn't known.
            _head.ContentLength = null;
            _isFiltering = false;
        }

        WriteHead(connection);
        connection.OnVerdict(_context.Writer.Complete(connection.Output));
    }

    private void WriteHead(HttpConnection connection)
    {
        connection.BeforeHead(_context);
        _context.Writer.WriteHead(connection.Output, _head, _context.Reader.Head, connection.Date);
        _head.Headers.IsSent = true;
    }

    internal HttpConnection Connection => _context.Connection
        ?? throw new InvalidOperationException("The response was used after its handler ended; await everything inside the handler.");

    internal void VerifyNotStarted()
    {
        if (HasStarted)
        {
            throw new InvalidOperationException("The head of the response was sent already; set status and headers before the first write.");
        }
    }
}
