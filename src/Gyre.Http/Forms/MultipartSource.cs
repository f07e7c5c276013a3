using System.Buffers;
using System.Text;
using Gyre.Http.Fields;
using Gyre.Http.Protocol;
using Microsoft.AspNetCore.WebUtilities;

namespace Gyre.Http.Forms;

/// <summary>
/// Walks the parts of a multipart body, RFC 2046 section 5.1. The library's reader finds the boundaries over a buffer of 4 KiB; here are
/// the limits, and what its failures mean to the peer.
/// </summary>
/// <remarks>
/// Its reader awaits the body's stream, which comes home to the loop however it is awaited; nothing here runs elsewhere.
/// </remarks>
internal sealed class MultipartSource(HttpRequest request, string boundary, MultipartOptions options)
{
    private const int ScratchBytes = 4096;

    /// <summary>What the library reads ahead, and the longest line of a boundary with what may stand behind it.</summary>
    private const int SlackBytes = 8192;

    private readonly MultipartInput _input = new(request.BodyStream);

    public MultipartOptions Options => options;

    /// <summary>The boundary that the content type of a request declares.</summary>
    /// <exception cref="HttpException">It isn't multipart: 415. It has no boundary as RFC 2046 allows it: 400.</exception>
    public static string BoundaryOf(ReadOnlySpan<byte> contentType)
    {
        if (!ContentTypeReader.TryParse(contentType, out ContentTypeReader type) || !Ascii.EqualsIgnoreCase(type.Type, "multipart"u8))
        {
            throw new HttpException(415, "The content type must be multipart/form-data, or another kind of multipart.");
        }

        return type.TryGetBoundary(out ReadOnlySpan<byte> boundary)
            ? Encoding.ASCII.GetString(boundary)
            : throw new HttpException(
                400, "The content type must have one boundary of 1 to 70 letters, digits, spaces and '()+_,-./:=?, without a space at its end.");
    }

    public async IAsyncEnumerable<MultipartPart> ReadAsync()
    {
        MultipartReader reader = CreateReader();
        byte[] scratch = ArrayPool<byte>.Shared.Rent(ScratchBytes);
        try
        {
            int count = 0;
            while (await NextAsync(reader) is { } section)
            {
                if (++count > options.PartsMax)
                {
                    throw new HttpException(413, $"The body has more than {options.PartsMax} parts, which is the most that is taken here.");
                }

                var body = new MultipartPartStream(this, section.Body);
                yield return CreatePart(section, body);
                await body.PassAsync(scratch);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(scratch);
        }
    }

    /// <summary>The failure in the peer's terms; null when it is none of the library's.</summary>
    public HttpException? Explain(Exception failure) => failure switch
    {
        InvalidDataException => Malformed(),

        // The connection's own failures are of this type, too; the library's comes of an end that it was told of in order.
        IOException when request.IsBodyRead => new HttpException(
            400, "The multipart body ends within a part; its last boundary must be followed by two hyphens."),
        _ => null,
    };

    private HttpException Malformed() => new(
        400,
        $"The multipart body is malformed: a part has at most {options.HeaderCountMax} header lines of the form 'name: value', of " +
        $"{options.HeaderBytesMax} bytes in all, and there is as much at most before the first boundary and behind the last.");

    private MultipartReader CreateReader()
    {
        if (options.BytesMax is { } bytesMax)
        {
            request.BodyBytesMax = bytesMax;
        }

        return new MultipartReader(boundary, _input)
        {
            HeadersCountLimit = options.HeaderCountMax,
            HeadersLengthLimit = options.HeaderBytesMax,
        };
    }

    private async ValueTask<MultipartSection?> NextAsync(MultipartReader reader)
    {
        // The part before was read to its end, so that nothing comes now but headers, and what may stand around the parts: as much again.
        _input.Bound((2L * options.HeaderBytesMax) + SlackBytes);
        try
        {
            return await reader.ReadNextSectionAsync();
        }
        catch (Exception failure) when (Explain(failure) is { } explained)
        {
            throw explained;
        }
        finally
        {
            _input.Unbound();
        }
    }

    private MultipartPart CreatePart(MultipartSection section, MultipartPartStream body)
    {
        var headers = new List<KeyValuePair<string, string>>();
        foreach ((string name, Microsoft.Extensions.Primitives.StringValues values) in section.Headers ?? [])
        {
            foreach (string? value in values)
            {
                headers.Add(new(name, value ?? ""));
            }
        }

        // The library counts names.
        if (headers.Count > options.HeaderCountMax)
        {
            throw Malformed();
        }

        return Disposition.TryRead(section.ContentDisposition, out string? field, out string? fileName)
            ? new MultipartPart(field ?? "", fileName, headers, body)
            : throw new HttpException(
                400,
                $"The part's Content-Disposition {ProtocolError.Printable(Encoding.UTF8.GetBytes(section.ContentDisposition!))} " +
                "is not of the form form-data; name=\"…\"; filename=\"…\".");
    }
}
