using System.Diagnostics;
using Gyre.Http.Forms;

namespace Gyre.Http;

/// <summary>A file of a form that was read into memory. May be kept beyond the handler. Everything in it is the peer's word.</summary>
[DebuggerDisplay("{Name}: {FileName}, {Content.Length} bytes")]
public sealed class HttpFormFile
{
    internal HttpFormFile(MultipartPart part, ReadOnlyMemory<byte> content)
    {
        Name = part.Name;
        FileName = part.FileName!;
        ContentType = part.ContentType;
        Content = content;
    }

    /// <summary>The name of the field.</summary>
    public string Name { get; }

    /// <inheritdoc cref="MultipartPart.FileName"/>
    public string FileName { get; }

    /// <inheritdoc cref="MultipartPart.SafeFileName"/>
    public string? SafeFileName => Disposition.FileNameAlone(FileName);

    /// <inheritdoc cref="MultipartPart.ContentType"/>
    public string? ContentType { get; }

    /// <summary>The bytes.</summary>
    public ReadOnlyMemory<byte> Content { get; }
}
