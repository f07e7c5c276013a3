namespace Gyre.Http.Protocol;

/// <summary>
/// A growing run of bytes: what a reader keeps of a head after the input has been released. Callers bound its length;
/// it doubles, so appending is linear in all.
/// </summary>
internal sealed class ByteStore(int initialCapacity)
{
    private readonly int _initialCapacity = initialCapacity;
    private byte[] _bytes = new byte[initialCapacity];

    internal int Length { get; private set; }

    internal int Capacity => _bytes.Length;

    internal ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    internal ReadOnlySpan<byte> Slice(int start, int length) => _bytes.AsSpan(start, length);

    internal void Clear() => Length = 0;

    internal void Append(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > _bytes.Length - Length)
        {
            Grow(bytes.Length);
        }

        bytes.CopyTo(_bytes.AsSpan(Length));
        Length += bytes.Length;
    }

    internal void ShrinkAbove(int capacity)
    {
        if (Length == 0 && _bytes.Length > capacity)
        {
            _bytes = new byte[_initialCapacity];
        }
    }

    private void Grow(int more)
    {
        int capacity = Math.Max(_bytes.Length, 16);
        while (capacity < Length + more)
        {
            capacity *= 2;
        }

        Array.Resize(ref _bytes, capacity);
    }
}
