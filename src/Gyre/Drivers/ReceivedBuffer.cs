using System.Diagnostics;

namespace Gyre.Drivers;

/// <summary>Bytes in a buffer that belongs to the driver and is lent to the consumer until <see cref="Return"/>.</summary>
/// <param name="array">The array that holds the bytes.</param>
/// <param name="offset">Where they begin.</param>
/// <param name="length">How many there are.</param>
/// <param name="owner">Whom to give the buffer back to; null when nobody needs it back.</param>
/// <param name="token">What the owner knows the buffer by.</param>
/// <param name="isScarce">Whether it must be copied and returned at once.</param>
[DebuggerDisplay("{Length} bytes, scarce = {IsScarce}")]
public readonly struct ReceivedBuffer(byte[] array, int offset, int length, IReceivedBufferOwner? owner, int token, bool isScarce)
{
    /// <summary>The array that holds the bytes.</summary>
    public byte[] Array { get; } = array;

    /// <summary>Where the bytes begin in <see cref="Array"/>.</summary>
    public int Offset { get; } = offset;

    /// <summary>How many bytes there are; at least one.</summary>
    public int Length { get; } = length;

    /// <summary>
    /// Whether buffers run short. Receive buffers are transit: a consumer may read in place for a moment, but when many are
    /// held already it must copy, or a few slow readers would hold them all and stop every other connection.
    /// </summary>
    public bool IsScarce { get; } = isScarce;

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Span => new(Array, Offset, Length);

    /// <summary>Gives the buffer back; exactly once, on the loop's thread.</summary>
    public void Return() => owner?.Return(token);
}
