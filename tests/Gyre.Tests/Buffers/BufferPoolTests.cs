using Gyre.Buffers;

namespace Gyre.Tests;

public sealed class BufferPoolTests
{
    [Fact]
    public void What_is_rented_and_returned_leaves_nothing_rented()
    {
        var pool = new BufferPool();
        BufferSegment[] segments = [.. Enumerable.Range(0, 5000).Select(number => pool.RentOwned(number))];
        Assert.Equal(5000, pool.Slabs.Rented);
        foreach (BufferSegment segment in segments)
        {
            pool.Return(segment);
        }

        Assert.Equal(0, pool.Slabs.Rented);
    }
}
