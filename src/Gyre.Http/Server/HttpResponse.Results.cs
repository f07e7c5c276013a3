using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gyre.Http.Protocol;
using Gyre.Http.Server;

namespace Gyre.Http;

/// <summary>Whole answers of the usual kinds.</summary>
public sealed partial class HttpResponse
{
    /// <summary>Bytes that a copy of a stream moves at a time: fewer system calls than 4 KiB, and no more than a flush waits for.</summary>
    private const int CopyBytes = 32 * 1024;

    /// <summary>Answers with a value as JSON, serialized without reflection. Not a checkpoint; the bytes go out at the turn's end.</summary>
    /// <param name="value">Serialized at once.</param>
    /// <param name="typeInfo">Of a <c>JsonSerializerContext</c>, for example <c>AppJson.Default.User</c>.</param>
    /// <remarks>The content type is <c>application/json</c> unless another was set. Allocates what the serializer does.</remarks>
    /// <exception cref="JsonException">The value can't be serialized; nothing was sent.</exception>
    /// <exception cref="InvalidOperationException">The response has begun already.</exception>
    public void SendJson<T>(T value, JsonTypeInfo<T> typeInfo)
    {
        ArgumentNullException.ThrowIfNull(typeInfo);
        VerifyNotStarted();
        JsonScratch scratch = Connection.TakeJsonScratch();
        try
        {
            ReadOnlySpan<byte> body = scratch.Serialize(value, typeInfo);
            SetContentTypeIfMissing("application/json"u8);
            Send(body);
        }
        finally
        {
            _context.Connection?.GiveJsonScratch(scratch);
        }
    }

    /// <summary>
    /// Answers with the values of a sequence as a JSON array, each sent when it comes, so that memory holds one at a time. A
    /// checkpoint.
    /// </summary>
    /// <param name="values">Enumerated in the handler's scope.</param>
    /// <param name="typeInfo">Of one value.</param>
    /// <exception cref="IOException">The connection broke.</exception>
    /// <exception cref="OperationCanceledException">The scope was cancelled.</exception>
    public async ValueTask SendJsonAsync<T>(IAsyncEnumerable<T> values, JsonTypeInfo<T> typeInfo)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(typeInfo);
        VerifyNotStarted();
        SetContentTypeIfMissing("application/json"u8);
        bool isFirst = true;
        await foreach (T value in values)
        {
            WriteElement(isFirst ? (byte)'[' : (byte)',', value, typeInfo);
            isFirst = false;
            await FlushAsync();
        }

        WriteBody(Connection, isFirst ? "[]"u8 : "]"u8);
    }

    /// <summary>Answers with pieces of a body as they come. A checkpoint.</summary>
    /// <param name="pieces">Enumerated in the handler's scope; each is copied before the next is asked for.</param>
    /// <inheritdoc cref="SendJsonAsync" path="/exception"/>
    public async ValueTask SendAsync(IAsyncEnumerable<ReadOnlyMemory<byte>> pieces)
    {
        ArgumentNullException.ThrowIfNull(pieces);
        await foreach (ReadOnlyMemory<byte> piece in pieces)
        {
            await WriteAsync(piece);
        }
    }

    /// <summary>
    /// Answers with what a stream holds from its position on. A checkpoint. The response has a length when the stream knows its own
    /// and none was set.
    /// </summary>
    /// <param name="content">Read on the loop: one that blocks belongs into <c>Offload</c>. Left open.</param>
    /// <inheritdoc cref="SendJsonAsync" path="/exception"/>
    public async ValueTask SendAsync(Stream content)
    {
        ArgumentNullException.ThrowIfNull(content);
        VerifyNotStarted();
        if (content.CanSeek && ContentLength is null)
        {
            ContentLength = Math.Max(0, content.Length - content.Position);
        }

        SetContentTypeIfMissing("application/octet-stream"u8);
        if (_context.Request.Method == RequestMethod.Head)
        {
            return;
        }

        byte[] buffer = ArrayPool<byte>.Shared.Rent(CopyBytes);
        try
        {
            for (int count; (count = await content.ReadAsync(buffer.AsMemory(0, CopyBytes))) > 0;)
            {
                await WriteAsync(buffer.AsMemory(0, count));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Sends the client elsewhere. Not a checkpoint.</summary>
    /// <param name="location">An absolute or relative URI reference, encoded: visible ASCII alone.</param>
    /// <param name="statusCode">301, 302 (the default), 303, 307 or 308: RFC 9110 section 15.4 tells how they differ.</param>
    /// <exception cref="ArgumentException">The location has characters that must be percent-encoded, CR and LF among them.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Another status.</exception>
    /// <exception cref="InvalidOperationException">The response has begun already.</exception>
    public void Redirect(string location, int statusCode = 302)
    {
        ArgumentException.ThrowIfNullOrEmpty(location);
        if (statusCode is not (301 or 302 or 303 or 307 or 308))
        {
            throw new ArgumentOutOfRangeException(nameof(statusCode), statusCode, "A redirect has the status 301, 302, 303, 307 or 308.");
        }

        int bad = location.AsSpan().IndexOfAnyExceptInRange('!', '~');
        if (bad >= 0)
        {
            throw new ArgumentException(
                $"The location holds U+{(int)location[bad]:X4} at index {bad}; percent-encode what isn't visible ASCII.", nameof(location));
        }

        StatusCode = statusCode;
        Headers.Set(KnownHeader.Location, location);
        Send(ReadOnlySpan<byte>.Empty);
    }

    /// <summary>
    /// Answers with an error: as <c>application/problem+json</c> (RFC 9457) behind the middleware that asks for it, else as a line of
    /// text. Not a checkpoint.
    /// </summary>
    /// <param name="statusCode">400 to 599.</param>
    /// <param name="detail">A sentence for whoever sent the request; null for the status's own phrase. Never a secret.</param>
    /// <exception cref="ArgumentOutOfRangeException">Another status.</exception>
    /// <exception cref="InvalidOperationException">The response has begun already.</exception>
    public void SendError(int statusCode, string? detail = null)
    {
        if (statusCode is < 400 or > 599)
        {
            throw new ArgumentOutOfRangeException(nameof(statusCode), statusCode, "The status of an error is from 400 to 599.");
        }

        StatusCode = statusCode;
        if (_context.AnswersProblems)
        {
            Headers.Set(KnownHeader.ContentType, "application/problem+json"u8);
            Send(ProblemDetails.Encode(statusCode, detail, _context.RequestId));
            return;
        }

        Headers.Set(KnownHeader.ContentType, "text/plain; charset=utf-8"u8);
        Send(Encoding.UTF8.GetBytes(detail ?? StatusLines.Reason(statusCode)));
    }

    private void WriteElement<T>(byte before, T value, JsonTypeInfo<T> typeInfo)
    {
        HttpConnection connection = Connection;
        JsonScratch scratch = connection.TakeJsonScratch();
        try
        {
            WriteBody(connection, scratch.Serialize(before, value, typeInfo));
        }
        finally
        {
            connection.GiveJsonScratch(scratch);
        }
    }

    private void SetContentTypeIfMissing(ReadOnlySpan<byte> contentType)
    {
        if (!Headers.Contains(KnownHeader.ContentType))
        {
            Headers.Set(KnownHeader.ContentType, contentType);
        }
    }
}
