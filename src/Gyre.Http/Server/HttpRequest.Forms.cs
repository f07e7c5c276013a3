using Gyre.Http.Fields;
using Gyre.Http.Forms;
using Gyre.Http.Protocol;

namespace Gyre.Http;

/// <summary>Forms: whole ones in memory, and uploads as they come.</summary>
public sealed partial class HttpRequest
{
    /// <summary>
    /// Reads a form into memory: <c>application/x-www-form-urlencoded</c> (by the WHATWG URL standard, in UTF-8), or a small
    /// <c>multipart/form-data</c> (RFC 7578). A checkpoint.
    /// </summary>
    /// <param name="options">Limits; null for the defaults, 1 MiB in all.</param>
    /// <exception cref="HttpException">
    /// Another content type: 415. A limit is exceeded: 413. The multipart body is malformed, or a part has no name: 400.
    /// </exception>
    /// <exception cref="InvalidOperationException">The body was read to its end already.</exception>
    /// <inheritdoc cref="ReadBodyAsync" path="/exception"/>
    public ValueTask<HttpForm> ReadFormAsync(FormOptions? options = null)
    {
        options ??= FormOptions.Default;
        if (ContentTypeReader.TryParse(ContentTypeSpan, out ContentTypeReader type))
        {
            if (type.Is("application"u8, "x-www-form-urlencoded"u8))
            {
                VerifyBodyUnread();
                return ReadEncodedFormAsync(options);
            }

            if (type.Is("multipart"u8, "form-data"u8))
            {
                return ReadMultipartFormAsync(options);
            }
        }

        throw new HttpException(415, "The content type must be application/x-www-form-urlencoded or multipart/form-data.");
    }

    /// <summary>
    /// Reads a multipart body part by part, as it comes: 4 KiB of it are in memory. A part whose body the handler leaves is dropped when
    /// the next one is asked for. Each step is a checkpoint. Enumerate it once.
    /// </summary>
    /// <param name="options">Limits; null for the defaults.</param>
    /// <exception cref="HttpException">
    /// The content type isn't multipart: 415. It has no valid boundary (RFC 2046 section 5.1.1), or, while it is enumerated, the body is
    /// malformed or cut short: 400. A limit is exceeded: 413.
    /// </exception>
    /// <exception cref="InvalidOperationException">The body was read to its end already.</exception>
    /// <inheritdoc cref="ReadBodyAsync" path="/exception"/>
    public IAsyncEnumerable<MultipartPart> ReadMultipartAsync(MultipartOptions? options = null)
    {
        string boundary = MultipartSource.BoundaryOf(ContentTypeSpan);
        VerifyBodyUnread();
        return new MultipartSource(this, boundary, options ?? MultipartOptions.Default).ReadAsync();
    }

    private async ValueTask<HttpForm> ReadEncodedFormAsync(FormOptions options)
    {
        using GatheredBytes body = await GatherAsync(options.BytesMax);
        var fields = new List<KeyValuePair<string, string>>();
        QueryReader reader = new(body.Span, options.FieldsMax);
        while (reader.MoveNext())
        {
            VerifyLength(reader.Name.Length, options.NameBytesMax, "A name");
            VerifyLength(reader.Value.Length, options.ValueBytesMax, "A value");
            fields.Add(new(QueryReader.DecodeToString(reader.Name), QueryReader.DecodeToString(reader.Value)));
        }

        return reader.IsTruncated
            ? throw new HttpException(413, $"The form has more than {options.FieldsMax} fields, which is the most that is taken here.")
            : new HttpForm(fields, []);
    }

    private async ValueTask<HttpForm> ReadMultipartFormAsync(FormOptions options)
    {
        var fields = new List<KeyValuePair<string, string>>();
        var files = new List<HttpFormFile>();
        var limits = new MultipartOptions
        {
            PartsMax = Math.Max(1, options.FieldsMax),
            PartBytesMax = options.ValueBytesMax,
            BytesMax = Math.Min(options.BytesMax, BodyBytesMax),
        };
        await foreach (MultipartPart part in ReadMultipartAsync(limits))
        {
            if (part.Name.Length == 0)
            {
                throw new HttpException(400, "A part of the form has no name; RFC 7578 section 4.2 asks for one.");
            }

            VerifyLength(System.Text.Encoding.UTF8.GetByteCount(part.Name), options.NameBytesMax, "A name");
            VerifyLength(fields.Count + files.Count + 1, options.FieldsMax, "The list of fields", "entries");
            if (part.FileName is null)
            {
                fields.Add(new(part.Name, await part.ReadTextAsync(options.ValueBytesMax)));
            }
            else
            {
                files.Add(new HttpFormFile(part, await part.ReadBytesAsync(options.ValueBytesMax)));
            }
        }

        return new HttpForm(fields, files);
    }

    private static void VerifyLength(int length, int most, string what, string unit = "bytes")
    {
        if (length > most)
        {
            throw new HttpException(413, $"{what} of the form has more than {most} {unit}, which is the most that is taken here.");
        }
    }
}
