namespace Gyre.Http.Protocol;

/// <summary>Where a piece of a head stands in its store; kept instead of a span, which couldn't be stored.</summary>
internal readonly record struct TextRange(int Start, int Length);
