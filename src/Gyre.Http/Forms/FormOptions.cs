using System.Runtime.CompilerServices;

namespace Gyre.Http;

/// <summary>Limits of a form that is read into memory. Each is exact, and answered with 413.</summary>
public sealed record FormOptions
{
    /// <summary>Every limit at its default.</summary>
    public static FormOptions Default { get; } = new();

    /// <summary>
    /// Most bytes of the whole body; default 1 MiB: what a person types fits many times over. Risk of more: several times that memory for
    /// each request at a time. Larger uploads belong to <see cref="HttpRequest.ReadMultipartAsync"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public int BytesMax { get; init => field = Checked(value); } = 1 << 20;

    /// <summary>Most fields and files together; default 1024, as in ASP.NET Core. Risk of more: work for each, however small it is.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public int FieldsMax { get; init => field = Checked(value); } = 1024;

    /// <summary>Most bytes of a name, as sent; default 2048, as in ASP.NET Core. Risk of more: none but that memory.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public int NameBytesMax { get; init => field = Checked(value); } = 2048;

    /// <summary>
    /// Most bytes of a value or file, as sent; default 1 MiB, so that <see cref="BytesMax"/> alone counts. Set it where texts go into columns
    /// of a given length.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public int ValueBytesMax { get; init => field = Checked(value); } = 1 << 20;

    private static int Checked(int value, [CallerMemberName] string name = "")
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value, name);
        return value;
    }
}
