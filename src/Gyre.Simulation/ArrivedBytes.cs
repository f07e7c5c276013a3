using System.Buffers;

namespace Gyre.Simulation;

/// <summary>A socket's receive buffer: a bounded ring of bytes.</summary>
internal sealed class ArrivedBytes(int capacity)
{
    private byte[] _bytes = [];
    private int _start;

    public int Length { get; private set; }

    public int Free => capacity - Length;

    /// <summary>Adds bytes, for which there is room.</summary>
    public void Add(in ReadOnlySequence<byte> data)
    {
        if (_bytes.Length == 0)
        {
            _bytes = new byte[capacity];
        }

        foreach (ReadOnlyMemory<byte> memory in data)
        {
            ReadOnlySpan<byte> rest = memory.Span;
            while (rest.Length > 0)
            {
                int end = (_start + Length) % capacity;
                int count = Math.Min(rest.Length, capacity - end);
                rest[..count].CopyTo(_bytes.AsSpan(end));
                rest = rest[count..];
                Length += count;
            }
        }
    }

    /// <summary>Takes up to <paramref name="most"/> bytes out, in a new array.</summary>
    public byte[] Take(int most)
    {
        byte[] taken = new byte[Math.Min(most, Length)];
        for (int i = 0; i < taken.Length; i++)
        {
            taken[i] = _bytes[(_start + i) % capacity];
        }

        _start = (_start + taken.Length) % capacity;
        Length -= taken.Length;
        return taken;
    }
}
