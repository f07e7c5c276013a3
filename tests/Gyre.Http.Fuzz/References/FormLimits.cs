namespace Gyre.Http.Fuzz.References;

/// <summary>The limits that one run has, as both ways to read a form have them.</summary>
/// <param name="Parts">Of the walk over parts.</param>
/// <param name="Form">Of the form in memory.</param>
/// <param name="BodyBytes">Of the server.</param>
internal sealed record FormLimits(MultipartOptions Parts, FormOptions Form, int BodyBytes)
{
    /// <summary>None of them is in the way of an input, but for what the library counts on its own.</summary>
    internal static FormLimits Roomy { get; } = new(new MultipartOptions(), new FormOptions(), 1 << 20);

    /// <summary>Each of them is.</summary>
    internal static FormLimits Tight { get; } = new(
        new MultipartOptions { PartsMax = 3, HeaderCountMax = 3, HeaderBytesMax = 96, PartBytesMax = 40 },
        new FormOptions { BytesMax = 320, FieldsMax = 3, NameBytesMax = 8, ValueBytesMax = 24 },
        384);
}
