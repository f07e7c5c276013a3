using System.Diagnostics;
using System.Text;
using Gyre.Http.Forms;

namespace Gyre.Http;

/// <summary>
/// A part of a multipart body: its headers were read, its body comes as it is read. Good until the next part is asked for; what is left
/// of its body then is dropped.
/// </summary>
/// <remarks>Everything in it is the peer's word. Used on the loop of its connection.</remarks>
[DebuggerDisplay("{Name} ({FileName}), {ContentType}")]
public sealed class MultipartPart
{
    private readonly MultipartPartStream _body;

    internal MultipartPart(string name, string? fileName, IReadOnlyList<KeyValuePair<string, string>> headers, MultipartPartStream body)
    {
        Name = name;
        FileName = fileName;
        Headers = headers;
        _body = body;
    }

    /// <summary>The name of the field in a form; empty in a multipart body of another kind.</summary>
    public string Name { get; }

    /// <summary>
    /// The file name exactly as sent, which may be a path, or anything; null when the part is no file. Browsers write a quote as
    /// <c>%22</c>. Never open a file by it: see <see cref="SafeFileName"/>.
    /// </summary>
    public string? FileName { get; }

    /// <summary>
    /// The file name without folders of any system, control characters and what no system allows; null when nothing remains. Two uploads may
    /// have the same one, and it may name a device on Windows: to store a file, a name of one's own is better.
    /// </summary>
    public string? SafeFileName => Disposition.FileNameAlone(FileName);

    /// <summary>The <c>Content-Type</c> of the part, which the peer made up; null when it has none, which means text.</summary>
    public string? ContentType => GetHeader("Content-Type");

    /// <summary>The header lines of the part, as UTF-8.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; }

    /// <summary>
    /// The bytes of the part: reads only, once and in order. Throws <see cref="HttpException"/> when the part is cut short (400) or
    /// longer than <see cref="MultipartOptions.PartBytesMax"/> (413), else as <see cref="HttpRequest.ReadBodyAsync"/>.
    /// </summary>
    public Stream Body => _body;

    /// <summary>The first value of a header; null when it is missing.</summary>
    /// <param name="name">In any case.</param>
    public string? GetHeader(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        foreach ((string key, string value) in Headers)
        {
            if (key.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return value;
            }
        }

        return null;
    }

    /// <summary>Reads the rest of the part into memory. A checkpoint.</summary>
    /// <param name="bytesMax">The most there may be; default 1 MiB. Risk of more: that much memory for each request at a time.</param>
    /// <exception cref="HttpException">There are more: 413. The part is cut short: 400.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The limit is negative.</exception>
    /// <inheritdoc cref="HttpRequest.ReadBodyAsync" path="/exception"/>
    public async ValueTask<byte[]> ReadBytesAsync(int bytesMax = 1 << 20)
    {
        using GatheredBytes body = await GatherAsync(bytesMax);
        return body.Span.ToArray();
    }

    /// <summary>Reads the rest of the part as text, by the charset of its content type, UTF-8 if it has none. A checkpoint.</summary>
    /// <param name="bytesMax">The most bytes there may be; default 1 MiB. Risk of more: that memory, up to thrice, for each request at a time.</param>
    /// <exception cref="HttpException">As <see cref="HttpRequest.ReadTextAsync"/>, and 400 when the part is cut short.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The limit is negative.</exception>
    /// <inheritdoc cref="HttpRequest.ReadBodyAsync" path="/exception"/>
    public async ValueTask<string> ReadTextAsync(int bytesMax = 1 << 20)
    {
        Encoding encoding = BodyText.EncodingOf(Encoding.UTF8.GetBytes(ContentType ?? ""));
        using GatheredBytes body = await GatherAsync(bytesMax);
        return BodyText.Decode(encoding, body.Span);
    }

    private ValueTask<GatheredBytes> GatherAsync(int bytesMax)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytesMax);
        return GatheredBytes.ReadAsync(memory => _body.ReadAsync(memory), bytesMax, "A part of the body");
    }
}
