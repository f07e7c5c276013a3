using System.Buffers;
using System.Diagnostics;

namespace Gyre.Http.Protocol;

/// <summary>
/// Writes the responses of one connection, without IO: decides how the body is framed, writes the head in one piece, and
/// keeps the body to what was announced. Made once for each connection and <see cref="Reset"/> for each response; it
/// allocates nothing.
/// </summary>
/// <remarks>
/// Framing, RFC 9112 section 6: nothing for HEAD, 204 and 304 (whatever is written is dropped), nor for 205, which says
/// so by a length of zero; a declared length as <c>Content-Length</c>; else chunks towards HTTP/1.1 and the end of the
/// connection towards HTTP/1.0. After 101, and 2xx to CONNECT, bytes pass as they are.
/// </remarks>
[DebuggerDisplay("{Framing}, {BodyBytesWritten} bytes, keep-alive {KeepAlive}")]
public sealed partial class ResponseWriter
{
    /// <summary>The length of an HTTP date, RFC 9110 section 5.6.7: <c>Sun, 06 Nov 1994 08:49:37 GMT</c>.</summary>
    public const int DateLength = 29;

    private const int ChunkPrefixBytesMax = 18;
    private const int CopiedAtOnceMax = 4096;

    private enum Phase : byte
    {
        Head,
        Body,
        Complete,
    }

    private Phase _phase;
    private bool _isBodyDropped;
    private bool _isLengthSent;
    private long _declared = -1;
    private long _prefixed;

    /// <summary>How the body is framed; meaningful once the head is written.</summary>
    public BodyFraming Framing { get; private set; }

    /// <summary>Whether the connection may go on after this response; meaningful once the head is written.</summary>
    public bool KeepAlive { get; private set; }

    /// <summary>Whether the final head was written, so that the status can't be changed any more.</summary>
    public bool IsHeadWritten => _phase != Phase.Head;

    /// <summary>Whether the response is complete.</summary>
    public bool IsComplete => _phase == Phase.Complete;

    /// <summary>Whether body bytes go on the wire; they are dropped for HEAD, 204, 205 and 304.</summary>
    public bool SendsBody => !_isBodyDropped;

    /// <summary>Body bytes accepted so far, without chunk framing, dropped ones included.</summary>
    public long BodyBytesWritten { get; private set; }

    /// <summary>Makes ready for another response.</summary>
    public void Reset()
    {
        _phase = Phase.Head;
        _isBodyDropped = false;
        _isLengthSent = false;
        _declared = -1;
        _prefixed = 0;
        Framing = BodyFraming.None;
        KeepAlive = false;
        BodyBytesWritten = 0;
    }

    /// <summary>Writes an interim response, RFC 9110 section 15.2: 100, 102 or 103 and the like.</summary>
    /// <param name="output">Takes the bytes.</param>
    /// <param name="request">What is answered.</param>
    /// <param name="statusCode">100 to 199 but not 101, which is final here.</param>
    /// <param name="headers">For example the links of 103; none for 100.</param>
    /// <returns><see langword="false"/>, and nothing is written, when the peer speaks HTTP/1.0, which knows none.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Another status.</exception>
    /// <exception cref="LocalProtocolException">The final head was written already.</exception>
    public bool WriteInterim(IBufferWriter<byte> output, RequestHead request, int statusCode, ResponseHeaders? headers = null)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(request);
        if (statusCode is < 100 or > 199 or 101)
        {
            throw new ArgumentOutOfRangeException(nameof(statusCode), statusCode, "An interim status is from 100 to 199, but not 101.");
        }

        Expect(Phase.Head, "An interim response");
        if (request.Version == ProtocolVersion.Http10)
        {
            return false;
        }

        ReadOnlySpan<byte> line = StatusLines.Get(statusCode);
        ReadOnlySpan<byte> fields = headers is null ? default : headers.Wire;
        SpanComposer composer = new(output.GetSpan(line.Length + fields.Length + 2));
        composer.Write(line);
        composer.Write(fields);
        composer.Write("\r\n"u8);
        output.Advance(composer.Length);
        return true;
    }

    /// <summary>Decides the framing and writes the final head, with one <c>GetSpan</c> and one <c>Advance</c>.</summary>
    /// <param name="output">Takes the bytes.</param>
    /// <param name="response">Status, headers, length.</param>
    /// <param name="request">
    /// What is answered; <see langword="null"/> when its head could not be read, which closes the connection.
    /// </param>
    /// <param name="date">
    /// The current time in the form of RFC 9110 section 5.6.7, <see cref="DateLength"/> bytes; or empty for a server
    /// without a clock. Left out when the response has a <c>Date</c> of its own.
    /// </param>
    /// <exception cref="ArgumentException">The date has another length.</exception>
    /// <exception cref="LocalProtocolException">A head was written already, or the status is an interim one.</exception>
    public void WriteHead(IBufferWriter<byte> output, ResponseHead response, RequestHead? request, ReadOnlySpan<byte> date)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(response);
        Begin(response, request, date);
        SpanComposer composer = new(output.GetSpan(HeadBytesMax(response)));
        Compose(ref composer, response, request, date);

        // Not before: an output that refuses (it is used off its loop, say) has taken no head.
        _phase = Phase.Body;
        output.Advance(composer.Length);
    }

    /// <summary>
    /// Writes a whole response whose body is at hand: <see cref="WriteHead"/>, the body and <see cref="Complete"/>, in
    /// one piece when the body has at most 4 KiB.
    /// </summary>
    /// <param name="output">Takes the bytes.</param>
    /// <param name="response">
    /// Its <see cref="ResponseHead.ContentLength"/> is set to the length of the body, except for a 304: there it tells of
    /// the body that a 200 has (RFC 9110 section 8.6), so it stays as it was declared, or absent.
    /// </param>
    /// <param name="request">As for <see cref="WriteHead"/>.</param>
    /// <param name="date">As for <see cref="WriteHead"/>.</param>
    /// <param name="body">All of it.</param>
    /// <returns>What is to become of the connection.</returns>
    /// <exception cref="ArgumentException">The date has another length.</exception>
    /// <exception cref="LocalProtocolException">A head was written already, or the status is an interim one.</exception>
    public ResponseVerdict WriteWhole(
        IBufferWriter<byte> output, ResponseHead response, RequestHead? request, ReadOnlySpan<byte> date, ReadOnlySpan<byte> body)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(response);
        if (response.StatusCode != 304)
        {
            response.ContentLength = body.Length;
        }

        Begin(response, request, date);
        bool isBodyInHead = !_isBodyDropped && body.Length <= CopiedAtOnceMax;
        SpanComposer composer = new(output.GetSpan(HeadBytesMax(response) + (isBodyInHead ? body.Length : 0)));
        Compose(ref composer, response, request, date);
        _phase = Phase.Body;
        if (isBodyInHead)
        {
            composer.Write(body);
        }

        output.Advance(composer.Length);
        if (!isBodyInHead && !_isBodyDropped)
        {
            output.Write(body);
        }

        BodyBytesWritten = body.Length;
        return Complete(output);
    }

    /// <summary>Writes body bytes, as a chunk where the framing wants chunks; nothing for an empty span.</summary>
    /// <param name="output">Takes the bytes.</param>
    /// <param name="data">Copied.</param>
    /// <exception cref="LocalProtocolException">
    /// More than the declared length, in which case nothing is written; or before the head, or after the end.
    /// </exception>
    public void WriteBody(IBufferWriter<byte> output, ReadOnlySpan<byte> data)
    {
        ArgumentNullException.ThrowIfNull(output);
        Account(data.Length);
        if (_isBodyDropped || data.IsEmpty)
        {
            return;
        }

        if (Framing != BodyFraming.Chunked)
        {
            output.Write(data);
            return;
        }

        bool isCopiedAtOnce = data.Length <= CopiedAtOnceMax;
        SpanComposer composer = new(output.GetSpan(ChunkPrefixBytesMax + (isCopiedAtOnce ? data.Length + 2 : 0)));
        composer.WriteHexadecimal(data.Length);
        composer.Write("\r\n"u8);
        if (isCopiedAtOnce)
        {
            composer.Write(data);
            composer.Write("\r\n"u8);
        }

        output.Advance(composer.Length);
        if (!isCopiedAtOnce)
        {
            output.Write(data);
            output.Write("\r\n"u8);
        }
    }

    /// <summary>
    /// Announces body bytes that the caller puts on the wire itself (a file sent by the kernel, a buffer sent without
    /// copying): writes the chunk's size where the framing wants chunks. Send exactly that many bytes behind it, then
    /// call <see cref="WriteBodySuffix"/>; send none when <see cref="SendsBody"/> is false.
    /// </summary>
    /// <param name="output">Takes the bytes of the framing.</param>
    /// <param name="length">How many bytes follow; zero announces nothing.</param>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    /// <exception cref="LocalProtocolException">As for <see cref="WriteBody"/>; or the last suffix is missing.</exception>
    public void WriteBodyPrefix(IBufferWriter<byte> output, long length)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        Account(length);
        _prefixed = length;
        if (Framing == BodyFraming.Chunked && length > 0)
        {
            SpanComposer composer = new(output.GetSpan(ChunkPrefixBytesMax));
            composer.WriteHexadecimal(length);
            composer.Write("\r\n"u8);
            output.Advance(composer.Length);
        }
    }

    /// <summary>Ends the bytes that <see cref="WriteBodyPrefix"/> announced.</summary>
    /// <param name="output">Takes the bytes of the framing.</param>
    public void WriteBodySuffix(IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (Framing == BodyFraming.Chunked && _prefixed > 0)
        {
            output.Write("\r\n"u8);
        }

        _prefixed = 0;
    }

    /// <summary>Ends the response: writes the last chunk, if there are chunks, and checks the length.</summary>
    /// <param name="output">Takes the bytes.</param>
    /// <param name="trailers">Written behind the last chunk; left out where the framing has no place for them.</param>
    /// <returns>What is to become of the connection.</returns>
    /// <exception cref="ArgumentException">A trailer is only allowed among the headers (RFC 9110 section 6.5.1).</exception>
    /// <exception cref="LocalProtocolException">Before the head, twice, or with a suffix missing.</exception>
    public ResponseVerdict Complete(IBufferWriter<byte> output, ResponseHeaders? trailers = null)
    {
        ArgumentNullException.ThrowIfNull(output);
        Account(0);
        if (trailers is not null && (trailers.Present & TrailerRules.Forbidden) != 0)
        {
            throw new ArgumentException("The trailers hold a name that is only allowed among the headers.", nameof(trailers));
        }

        _phase = Phase.Complete;
        switch (Framing)
        {
            case BodyFraming.Tunnel:
                return ResponseVerdict.Tunnel;
            case BodyFraming.Length when BodyBytesWritten < _declared && !_isBodyDropped:
                KeepAlive = false;
                return ResponseVerdict.Incomplete;
            case BodyFraming.Chunked:
                output.Write("0\r\n"u8);
                output.Write(trailers is null ? default : trailers.Wire);
                output.Write("\r\n"u8);
                break;
        }

        return KeepAlive ? ResponseVerdict.KeepAlive : ResponseVerdict.Close;
    }

    private void Account(long length)
    {
        Expect(Phase.Body, "Body data");
        if (_prefixed > 0)
        {
            throw new LocalProtocolException("WriteBodySuffix is missing after the last WriteBodyPrefix.");
        }

        if (Framing == BodyFraming.Length && !_isBodyDropped && length > _declared - BodyBytesWritten)
        {
            KeepAlive = false;
            throw new LocalProtocolException(
                $"The response declared a Content-Length of {_declared} bytes; "
                + $"{BodyBytesWritten} are written and {length} more don't fit.");
        }

        BodyBytesWritten += length;
    }

    private void Expect(Phase phase, string what)
    {
        if (_phase == phase)
        {
            return;
        }

        throw new LocalProtocolException(_phase switch
        {
            Phase.Head => $"{what} can't be written before the head.",
            Phase.Body => $"{what} can't be written after the head.",
            _ => $"{what} can't be written after the end of the response; call Reset first.",
        });
    }
}
