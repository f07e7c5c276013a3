namespace Gyre.Samples.Listings;

/// <summary>The program waits for something that will never happen. A real one would hang there.</summary>
public sealed class BlockedForeverException(string message) : Exception(message);
