namespace Gyre.Http.Fields;

/// <summary>A part of a representation that exists.</summary>
/// <param name="Start">The position of its first byte.</param>
/// <param name="Length">How many bytes it has, at least 1.</param>
internal readonly record struct ByteRange(long Start, long Length)
{
    /// <summary>The position after its last byte.</summary>
    internal long End => Start + Length;
}
