using System.Buffers;
using Gyre.Buffers;

namespace Gyre.Tests;

public sealed class BufferSegmentTests
{
    private readonly BufferPool _pool = new();

    [Fact]
    public void Filling_moves_the_end_and_leaves_the_rest_writable()
    {
        BufferSegment segment = _pool.RentOwned(100);
        Assert.Equal(512, segment.Free);
        segment.Fill("abc"u8);
        segment.WritableSpan[0] = (byte)'d';
        segment.Advance(1);
        Assert.Equal(4, segment.End);
        Assert.Equal(508, segment.Free);
        Assert.Equal(508, segment.Writable.Length);
        Assert.Equal("abcd"u8, segment.Memory.Span);
    }

    [Fact]
    public void Appended_segments_make_one_sequence()
    {
        BufferSegment first = _pool.RentOwned(100);
        BufferSegment second = _pool.RentOwned(100);
        first.Fill("ab"u8);
        second.Fill("cd"u8);
        first.Append(second);
        Assert.Same(second, first.NextSegment);
        Assert.Equal(2, second.RunningIndex);
        Assert.Equal("bcd"u8, new ReadOnlySequence<byte>(first, 1, second, 2).ToArray());
    }

    [Fact]
    public void A_detached_segment_can_be_appended_elsewhere()
    {
        BufferSegment first = _pool.RentOwned(100);
        BufferSegment second = _pool.RentOwned(100);
        first.Fill("ab"u8);
        first.Append(second);
        second.Detach();
        BufferSegment other = _pool.RentOwned(100);
        other.Fill("xyz"u8);
        other.Append(second);
        Assert.Equal(3, second.RunningIndex);
    }

    [Fact]
    public void A_borrowed_segment_is_full_and_gives_no_block_back()
    {
        byte[] array = [1, 2, 3, 4, 5];
        BufferSegment segment = _pool.RentBorrowed(array, 1, 3);
        Assert.False(segment.IsOwned);
        Assert.Equal(0, segment.Free);
        Assert.Equal([2, 3, 4], segment.Memory.ToArray());
        _pool.Return(segment);
        Assert.Equal(0, _pool.Slabs.Rented);
    }

    [Fact]
    public void A_returned_segment_keeps_nothing_alive_and_is_reused_empty()
    {
        BufferSegment segment = _pool.RentOwned(100);
        segment.Fill("ab"u8);
        segment.Append(_pool.RentOwned(100));
        _pool.Return(segment);
        Assert.Equal(0, segment.Capacity);
        Assert.Null(segment.NextSegment);
        Assert.True(segment.Memory.IsEmpty);
        BufferSegment again = _pool.RentOwned(5000);
        Assert.Same(segment, again);
        Assert.Equal(0, again.End);
        Assert.Equal(16384, again.Free);
        Assert.Equal(0, again.RunningIndex);
    }
}
