using Gyre.Buffers;

namespace Gyre.Tests;

public sealed class SlabPoolTests
{
    [Theory]
    [InlineData(0, 512)]
    [InlineData(1, 512)]
    [InlineData(512, 512)]
    [InlineData(513, 4096)]
    [InlineData(4097, 16384)]
    [InlineData(16385, 65536)]
    [InlineData(65536, 65536)]
    [InlineData(65537, 65537)]
    public void A_block_has_the_least_size_that_fits(int asked, int given)
    {
        var pool = new SlabPool();
        PinnedBlock block = pool.Rent(asked);
        Assert.Equal(given, block.Length);
        Assert.Equal(given, block.Memory.Length);
        Assert.Equal(1, pool.Rented);
        pool.Return(block);
        Assert.Equal(0, pool.Rented);
    }

    [Fact]
    public void A_returned_block_is_the_next_one_rented()
    {
        var pool = new SlabPool();
        PinnedBlock first = pool.Rent(100);
        pool.Return(first);
        Assert.Equal(first, pool.Rent(100));
    }

    [Fact]
    public void Blocks_rented_together_do_not_overlap()
    {
        var pool = new SlabPool();
        var blocks = Enumerable.Range(0, 300).Select(number => (Number: number, Block: pool.Rent(number % 2 == 0 ? 512 : 4096))).ToArray();
        foreach ((int number, PinnedBlock block) in blocks)
        {
            block.Memory.Span.Fill((byte)number);
        }

        foreach ((int number, PinnedBlock block) in blocks)
        {
            Assert.Equal(-1, block.Memory.Span.IndexOfAnyExcept((byte)number));
        }
    }

    [Fact]
    public void A_block_larger_than_a_slab_is_not_kept()
    {
        var pool = new SlabPool();
        pool.Return(pool.Rent(1_000_000));
        Assert.Equal(0, pool.FreeBytes);
        Assert.Equal(0, pool.Rented);
    }

    [Fact]
    public void A_slab_is_carved_whole()
    {
        var pool = new SlabPool();
        PinnedBlock block = pool.Rent(4096);
        Assert.Equal((64 * 1024) - 4096, pool.FreeBytes);
        pool.Return(block);
        Assert.Equal(64 * 1024, pool.FreeBytes);
    }
}
