namespace Gyre.Http.Fuzz.References;

/// <summary>What Kestrel's parser made of some bytes.</summary>
internal enum KestrelVerdict
{
    /// <summary>The head isn't complete.</summary>
    NeedData,

    /// <summary>It is.</summary>
    Head,

    /// <summary>It was refused.</summary>
    Refused,
}
