using System.Collections.Frozen;
using System.Text;

namespace Gyre.Http.Fields;

/// <summary>
/// Which content type a file has by its extension. Immutable, and safe from any thread; <see cref="With"/> makes another
/// table. Extensions are compared without regard to case. Text is declared to be UTF-8.
/// </summary>
public sealed class MediaTypes
{
    private const int TypeBytesMax = 256;

    // Types outside text/* that are text in disguise or otherwise uncompressed.
    private static readonly FrozenSet<string> s_compressible = new[]
    {
        "application/javascript", "application/json", "application/xml", "application/wasm", "application/manifest+json",
        "application/rtf", "application/x-ndjson", "application/vnd.ms-fontobject", "application/x-sh", "application/graphql",
        "application/yaml", "application/toml", "application/sql", "application/x-tar",
        "font/ttf", "font/otf", "font/collection", "image/bmp", "image/vnd.microsoft.icon", "image/svg+xml", "audio/midi", "model/stl",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private readonly FrozenDictionary<string, MediaType> _types;
    private readonly FrozenDictionary<string, MediaType>.AlternateLookup<ReadOnlySpan<char>> _byExtension;

    private MediaTypes(IEnumerable<KeyValuePair<string, MediaType>> types)
    {
        _types = types.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
        _byExtension = _types.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>The table that comes with the server: about a hundred extensions that the web is made of.</summary>
    public static MediaTypes Default { get; } = new(MediaTypeTable.Entries.Select(
        entry => KeyValuePair.Create(entry.Extension, new MediaType(entry.Type, IsCompressible(entry.Type)))));

    /// <summary>
    /// What is sent for an extension that isn't in the table: <c>application/octet-stream</c>, which browsers download
    /// instead of guessing.
    /// </summary>
    public static MediaType Unknown { get; } = new("application/octet-stream", false);

    /// <summary>How many extensions it knows.</summary>
    public int Count => _types.Count;

    /// <summary>The type of a file by what follows the last dot of its name. Allocates nothing.</summary>
    /// <param name="fileName">A name, or a path with forward slashes; not opened.</param>
    /// <returns><see cref="Unknown"/> without an extension, and for one that isn't in the table.</returns>
    public MediaType Find(ReadOnlySpan<char> fileName)
    {
        int dot = fileName.LastIndexOfAny('.', '/');
        return dot >= 0 && fileName[dot] == '.' && _byExtension.TryGetValue(fileName[(dot + 1)..], out MediaType type) ? type : Unknown;
    }

    /// <summary>A table with one extension more, or another type for one it has.</summary>
    /// <param name="extension">Without the dot, such as <c>gpx</c>.</param>
    /// <param name="contentType">The whole value, such as <c>application/gpx+xml</c>; text should name its charset.</param>
    /// <param name="isCompressible">Whether compressing pays; by default <see langword="null"/>, which decides by the type.</param>
    /// <returns>A new table; this one stays as it is.</returns>
    /// <exception cref="ArgumentException">The extension holds a dot or slash or is empty, or the type isn't <c>type/subtype</c>.</exception>
    public MediaTypes With(string extension, string contentType, bool? isCompressible = null)
    {
        ArgumentNullException.ThrowIfNull(extension);
        ArgumentNullException.ThrowIfNull(contentType);
        if (extension.Length == 0 || extension.AsSpan().IndexOfAny('.', '/') >= 0)
        {
            throw new ArgumentException(
                $"'{extension}' is no extension: pass what follows the last dot, such as 'html'.", nameof(extension));
        }

        if (!Ascii.IsValid(contentType) || !ContentTypeReader.TryParse(Encoding.ASCII.GetBytes(contentType), out _))
        {
            throw new ArgumentException(
                $"'{contentType}' is no content type: pass one such as 'text/plain; charset=utf-8'.", nameof(contentType));
        }

        MediaType type = new(contentType, isCompressible ?? IsCompressible(contentType));
        return new MediaTypes(_types.Where(entry => !entry.Key.Equals(extension, StringComparison.OrdinalIgnoreCase))
            .Append(KeyValuePair.Create(extension, type)));
    }

    /// <summary>
    /// Whether compressing a content type usually saves bytes: <c>text/*</c>, whatever ends in <c>+json</c>, <c>+xml</c> or
    /// <c>+text</c>, and a short list. Not for <c>text/event-stream</c>, which a compressor would hold back.
    /// </summary>
    /// <param name="contentType">A <c>Content-Type</c>; parameters don't matter.</param>
    /// <returns><see langword="false"/> for what isn't known.</returns>
    public static bool IsCompressible(ReadOnlySpan<char> contentType)
    {
        int semicolon = contentType.IndexOf(';');
        ReadOnlySpan<char> type = (semicolon < 0 ? contentType : contentType[..semicolon]).Trim(" \t");
        if (type.StartsWith("text/", StringComparison.OrdinalIgnoreCase))
        {
            return !type.Equals("text/event-stream", StringComparison.OrdinalIgnoreCase);
        }

        return type.EndsWith("+json", StringComparison.OrdinalIgnoreCase) || type.EndsWith("+xml", StringComparison.OrdinalIgnoreCase)
            || type.EndsWith("+text", StringComparison.OrdinalIgnoreCase)
            || s_compressible.GetAlternateLookup<ReadOnlySpan<char>>().Contains(type);
    }

    /// <inheritdoc cref="IsCompressible(ReadOnlySpan{char})"/>
    internal static bool IsCompressible(ReadOnlySpan<byte> contentType)
    {
        Span<char> text = stackalloc char[TypeBytesMax];
        return contentType.Length <= TypeBytesMax && IsCompressible(text[..Encoding.Latin1.GetChars(contentType, text)]);
    }
}
