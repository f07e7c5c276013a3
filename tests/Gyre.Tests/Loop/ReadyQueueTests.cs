using Gyre.Loop;

namespace Gyre.Tests;

public sealed class ReadyQueueTests
{
    [Fact]
    public void First_in_first_out_also_while_it_grows_and_wraps()
    {
        var queue = new ReadyQueue(shuffleSeed: null);
        int added = 0;
        int taken = 0;
        for (int round = 0; round < 200; round++)
        {
            // Grows by more than is taken, from a head that has moved on.
            for (int i = 0; i < 7; i++)
            {
                queue.Add(Item(added++));
            }

            for (int i = 0; i < 4; i++)
            {
                Assert.Equal(taken++, Take(queue, window: queue.Count));
            }

            Assert.Equal(added - taken, queue.Count);
        }

        while (queue.Count > 0)
        {
            Assert.Equal(taken++, Take(queue, window: 1));
        }

        Assert.Equal(added, taken);
    }

    [Fact]
    public void Shuffled_it_gives_each_once_in_an_order_that_the_seed_decides()
    {
        int[] first = TakeShuffled(seed: 1);
        Assert.Equal(first, TakeShuffled(seed: 1));
        Assert.NotEqual(first, TakeShuffled(seed: 2));
        Assert.Equal(Enumerable.Range(0, 100), first.Order());
        Assert.NotEqual(Enumerable.Range(0, 100), first);
    }

    [Fact]
    public void Shuffled_it_takes_nothing_from_beyond_the_window()
    {
        var queue = new ReadyQueue(shuffleSeed: 1);
        for (int i = 0; i < 20; i++)
        {
            queue.Add(Item(i));
        }

        // The ten that were ready when a turn began, and ten that it made ready.
        for (int window = 10; window > 0; window--)
        {
            Assert.InRange(Take(queue, window), 0, 9);
        }

        for (int window = 10; window > 0; window--)
        {
            Assert.InRange(Take(queue, window), 10, 19);
        }
    }

    private static int[] TakeShuffled(int seed)
    {
        var queue = new ReadyQueue(seed);
        for (int i = 0; i < 100; i++)
        {
            queue.Add(Item(i));
        }

        return [.. Enumerable.Range(0, 100).Select(taken => Take(queue, window: 100 - taken))];
    }

    private static ReadyItem Item(int number) => new(static _ => { }, number, null!, RestoreContext: false);

    private static int Take(ReadyQueue queue, int window)
    {
        queue.Take(window, out _, out object? state, out _, out _);
        return (int)state!;
    }
}
