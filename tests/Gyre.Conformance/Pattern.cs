using System.Buffers;

namespace Gyre.Conformance;

/// <summary>
/// An endless stream of bytes for each seed, of which any piece can be sent and any received piece be checked: it repeats
/// only after a prime number of bytes, so a lost, doubled or swapped piece shows.
/// </summary>
internal static class Pattern
{
    /// <summary>A prime just below 64 KiB, so that pieces don't line up with any buffer size.</summary>
    private const int Period = 65521;

    private static readonly byte[] s_bytes = Make();

    /// <summary><paramref name="length"/> bytes of the stream from <paramref name="position"/>, in pinned memory.</summary>
    public static ReadOnlySequence<byte> Of(int seed, long position, long length)
    {
        Segment? first = null;
        Segment? last = null;
        while (length > 0)
        {
            int offset = OffsetOf(seed, position);
            int count = (int)Math.Min(length, Period - offset);
            last = new Segment(s_bytes.AsMemory(offset, count), last);
            first ??= last;
            position += count;
            length -= count;
        }

        return first is null ? default : new ReadOnlySequence<byte>(first, 0, last!, last!.Memory.Length);
    }

    /// <summary><paramref name="length"/> bytes, each in a segment of its own.</summary>
    public static ReadOnlySequence<byte> Crumbs(int seed, long position, int length)
    {
        Segment? first = null;
        Segment? last = null;
        for (int i = 0; i < length; i++)
        {
            last = new Segment(s_bytes.AsMemory(OffsetOf(seed, position + i), 1), last);
            first ??= last;
        }

        return new ReadOnlySequence<byte>(first!, 0, last!, 1);
    }

    /// <summary>Whether <paramref name="bytes"/> are those of the stream at <paramref name="position"/>.</summary>
    public static bool Matches(int seed, long position, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            int offset = OffsetOf(seed, position);
            int count = Math.Min(bytes.Length, Period - offset);
            if (!bytes[..count].SequenceEqual(s_bytes.AsSpan(offset, count)))
            {
                return false;
            }

            position += count;
            bytes = bytes[count..];
        }

        return true;
    }

    private static int OffsetOf(int seed, long position) => (int)((position + (seed * 7919L)) % Period);

    private static byte[] Make()
    {
        byte[] bytes = GC.AllocateUninitializedArray<byte>(Period, pinned: true);
        new Random(20_240).NextBytes(bytes);
        return bytes;
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, Segment? previous)
        {
            Memory = memory;
            if (previous is not null)
            {
                previous.Next = this;
                RunningIndex = previous.RunningIndex + previous.Memory.Length;
            }
        }
    }
}
