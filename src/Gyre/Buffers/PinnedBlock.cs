namespace Gyre.Buffers;

/// <summary>A range of an array of the pinned heap.</summary>
internal readonly record struct PinnedBlock(byte[] Array, int Offset, int Length)
{
    /// <summary>The block as memory; <c>TryGetArray</c> works on it.</summary>
    public Memory<byte> Memory => new(Array, Offset, Length);
}
