using System.Diagnostics;

namespace Gyre.Http;

/// <summary>A form that was read into memory: fields and files in the order sent. May be kept beyond the handler.</summary>
/// <remarks>Names are looked for one after the other, so that no peer can make a table of them degenerate.</remarks>
[DebuggerDisplay("{Fields.Count} fields, {Files.Count} files")]
public sealed class HttpForm
{
    internal HttpForm(IReadOnlyList<KeyValuePair<string, string>> fields, IReadOnlyList<HttpFormFile> files)
    {
        Fields = fields;
        Files = files;
    }

    /// <summary>Names and values; a name may be there more than once.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Fields { get; }

    /// <summary>Parts that had a file name; none unless the form was multipart.</summary>
    public IReadOnlyList<HttpFormFile> Files { get; }

    /// <summary>The value of the first field of a name; null when there is none.</summary>
    /// <param name="name">In its case.</param>
    public string? this[string name]
    {
        get
        {
            foreach ((string key, string value) in Fields)
            {
                if (key == name)
                {
                    return value;
                }
            }

            return null;
        }
    }

    /// <summary>The values of all fields of a name, as check boxes and lists send them; empty when there is none.</summary>
    /// <param name="name">In its case.</param>
    public IReadOnlyList<string> GetAll(string name) => [.. Fields.Where(field => field.Key == name).Select(field => field.Value)];

    /// <summary>The first file of a field; null when there is none.</summary>
    /// <param name="name">The field's, in its case.</param>
    public HttpFormFile? GetFile(string name) => Files.FirstOrDefault(file => file.Name == name);
}
