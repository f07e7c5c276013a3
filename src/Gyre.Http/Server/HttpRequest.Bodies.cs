using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gyre.Http.Fields;
using Gyre.Http.Forms;
using Gyre.Http.Protocol;

namespace Gyre.Http;

/// <summary>Whole bodies of the usual kinds.</summary>
public sealed partial class HttpRequest
{
    /// <summary>Bytes of a body that is held in memory: what a person types fits many times over, and a thousand of them are a GiB.</summary>
    private const int WholeBodyBytesMax = 1 << 20;

    /// <summary>Characters of a JSON path that a message shows.</summary>
    private const int PathCharactersMax = 100;

    /// <summary>Reads what is left of the body into memory. A checkpoint.</summary>
    /// <param name="bytesMax">The most there may be; default 1 MiB. Risk of more: that much memory for each request at a time.</param>
    /// <exception cref="HttpException">There are more: 413.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The limit is negative.</exception>
    /// <inheritdoc cref="ReadBodyAsync" path="/exception"/>
    public async ValueTask<byte[]> ReadBytesAsync(int bytesMax = WholeBodyBytesMax)
    {
        using GatheredBytes body = await GatherAsync(bytesMax);
        return body.Span.ToArray();
    }

    /// <summary>
    /// Reads what is left of the body as text, by the charset of its content type: UTF-8 (also without one), UTF-16 in either order,
    /// ISO-8859-1 or US-ASCII. A byte-order mark isn't part of it. A checkpoint.
    /// </summary>
    /// <param name="bytesMax">The most bytes there may be; default 1 MiB. Risk of more: that memory, up to thrice, for each request at a time.</param>
    /// <exception cref="HttpException">There are more: 413. Another charset: 415. Bytes that aren't of the charset: 400.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The limit is negative.</exception>
    /// <inheritdoc cref="ReadBodyAsync" path="/exception"/>
    public async ValueTask<string> ReadTextAsync(int bytesMax = WholeBodyBytesMax)
    {
        Encoding encoding = BodyText.EncodingOf(ContentTypeSpan);
        using GatheredBytes body = await GatherAsync(bytesMax);
        return BodyText.Decode(encoding, body.Span);
    }

    /// <summary>
    /// Reads what is left of the body as JSON, without reflection. The depth is limited by the options of <paramref name="typeInfo"/>, 64
    /// by default. A checkpoint.
    /// </summary>
    /// <param name="typeInfo">Of a <c>JsonSerializerContext</c>, for example <c>AppJson.Default.User</c>.</param>
    /// <param name="bytesMax">The most bytes there may be; default 1 MiB. Risk of more: that much memory for each request at a time.</param>
    /// <param name="anyContentType">
    /// Takes a body whatever it is declared to be. Risk: a page of another site may post <c>text/plain</c> here without asking first
    /// (CORS), which for JSON it can't.
    /// </param>
    /// <returns>Null for the JSON <c>null</c>.</returns>
    /// <exception cref="HttpException">
    /// It isn't declared as <c>application/json</c> or <c>…+json</c> in UTF-8: 415. It is too long: 413. It isn't JSON, or not such a value:
    /// 400, with the position.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">The limit is negative.</exception>
    /// <inheritdoc cref="ReadBodyAsync" path="/exception"/>
    public async ValueTask<T?> ReadJsonAsync<T>(JsonTypeInfo<T> typeInfo, int bytesMax = WholeBodyBytesMax, bool anyContentType = false)
    {
        ArgumentNullException.ThrowIfNull(typeInfo);
        if (!anyContentType)
        {
            VerifyJson(ContentTypeSpan);
        }

        using GatheredBytes body = await GatherAsync(bytesMax);
        ReadOnlySpan<byte> json = BodyText.WithoutMark(body.Span);
        if (json.IsEmpty)
        {
            throw new HttpException(400, "The body is empty; it must be JSON.");
        }

        try
        {
            return JsonSerializer.Deserialize(json, typeInfo);
        }
        catch (JsonException failure)
        {
            // Its message names types of the program, which are nobody's business.
            throw new HttpException(400, Describe(failure));
        }
    }

    /// <summary>Whether the body was read to its end, or there is none.</summary>
    internal bool IsBodyRead => !Head.HasBody || _context.Reader.IsComplete;

    /// <summary>What wants the whole body would take the rest of one that was read for an empty one, and blame the client.</summary>
    private void VerifyBodyUnread()
    {
        if (Head.HasBody && _context.Reader.IsComplete)
        {
            throw new InvalidOperationException(
                "The body was read already; it comes once, so keep what the first read returned, in HttpContext.Items for others.");
        }
    }

    private ReadOnlySpan<byte> ContentTypeSpan => Headers.TryGetValue(KnownHeader.ContentType, out ReadOnlySpan<byte> value) ? value : default;

    private static void VerifyJson(ReadOnlySpan<byte> contentType)
    {
        if (!ContentTypeReader.TryParse(contentType, out ContentTypeReader type)
            || !(type.Is("application"u8, "json"u8) || EndsWithJson(type.Subtype)))
        {
            throw new HttpException(415, "The content type must be application/json.");
        }

        // RFC 8259 section 8.1.
        if (!BodyText.IsUtf8(contentType))
        {
            throw new HttpException(415, "JSON must be in UTF-8.");
        }
    }

    // RFC 6839 section 3.1.
    private static bool EndsWithJson(ReadOnlySpan<byte> subtype) =>
        subtype.Length > 5 && Ascii.EqualsIgnoreCase(subtype[^5..], "+json"u8);

    private static string Describe(JsonException failure)
    {
        string where = failure is { LineNumber: { } line, BytePositionInLine: { } at } ? $" at line {line + 1}, byte {at + 1}" : "";
        string path = failure.Path is { Length: > 1 } full
            ? $" ({(full.Length > PathCharactersMax ? string.Concat(full.AsSpan(0, PathCharactersMax), "…") : full)})"
            : "";
        return $"The body isn't JSON, or not of the form that is expected here{where}{path}.";
    }

    private ValueTask<GatheredBytes> GatherAsync(int bytesMax)
    {
        const string what = "The body of the request";
        ArgumentOutOfRangeException.ThrowIfNegative(bytesMax);
        return ContentLength > bytesMax
            ? throw GatheredBytes.TooLong(bytesMax, what)
            : GatheredBytes.ReadAsync(ReadBodyAsync, bytesMax, what);
    }
}
