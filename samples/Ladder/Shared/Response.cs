namespace Gyre.Samples.Ladder;

/// <summary>What an upstream answered.</summary>
internal sealed record Response(int Status, string Body);
