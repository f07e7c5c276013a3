using System.Diagnostics;

namespace Gyre.Buffers;

/// <summary>The buffers of one loop: pinned blocks, and the segment objects that chain them.</summary>
/// <remarks>Used on the thread of its loop only.</remarks>
[DebuggerDisplay("{Slabs.Rented} blocks rented")]
internal sealed class BufferPool
{
    /// <summary>Segment objects kept for reuse; 4,096 of about 80 bytes are 320 KiB at the most.</summary>
    private const int SegmentsKeptMax = 4096;

    private readonly Stack<BufferSegment> _segments = new();

    public SlabPool Slabs { get; } = new();

    /// <summary>An empty segment over an own block of at least <paramref name="bytes"/> bytes.</summary>
    public BufferSegment RentOwned(int bytes)
    {
        BufferSegment segment = RentSegment();
        segment.Own(Slabs.Rent(bytes));
        return segment;
    }

    /// <summary>A full segment over bytes that belong to a driver until it is cleared.</summary>
    public BufferSegment RentBorrowed(byte[] array, int offset, int length)
    {
        BufferSegment segment = RentSegment();
        segment.Borrow(array, offset, length);
        return segment;
    }

    /// <summary>Takes back a segment, and its block when the pool owns it.</summary>
    public void Return(BufferSegment segment)
    {
        if (segment.IsOwned && segment.Capacity > 0)
        {
            Slabs.Return(segment.Block);
        }

        segment.Clear();
        if (_segments.Count < SegmentsKeptMax)
        {
            _segments.Push(segment);
        }
    }

    private BufferSegment RentSegment() => _segments.TryPop(out BufferSegment? segment) ? segment : new BufferSegment();
}
