using Gyre.Time;

namespace Gyre.Tests;

/// <summary>The timer queue alone, on numbers instead of a clock.</summary>
public sealed class TimerQueueTests
{
    [Fact]
    public void An_empty_queue_has_no_deadline_and_nothing_due()
    {
        var queue = new TimerQueue();
        Assert.Equal(Deadline.Never, queue.NextDue);
        Assert.False(queue.TryTakeDue(long.MaxValue, out _));
        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public void Equal_deadlines_are_taken_in_order_of_adding()
    {
        var queue = new TimerQueue();
        var entries = Enumerable.Range(0, 1000).Select(static number => new NumberedTimer(number)).ToArray();
        foreach (NumberedTimer entry in entries)
        {
            queue.Add(entry, 7);
        }

        Assert.Equal(Enumerable.Range(0, 1000), TakeAll(queue, now: 7));
    }

    [Fact]
    public void Only_what_is_due_is_taken()
    {
        var queue = new TimerQueue();
        queue.Add(new NumberedTimer(2), 20);
        queue.Add(new NumberedTimer(1), 10);
        Assert.Equal([], TakeAll(queue, now: 9));
        Assert.Equal([1], TakeAll(queue, now: 10));
        Assert.Equal(20, queue.NextDue);
        Assert.Equal([2], TakeAll(queue, now: 20));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(21)]
    [InlineData(64)]
    public void Cancelling_at_every_position_keeps_the_rest_in_order(int count)
    {
        for (int cancelled = 0; cancelled < count; cancelled++)
        {
            var queue = new TimerQueue();
            var entries = Enumerable.Range(0, count).Select(static number => new NumberedTimer(number)).ToArray();

            // Added so that no position of the heap is the position in time.
            foreach (NumberedTimer entry in entries.OrderBy(entry => entry.Number * 17 % count))
            {
                queue.Add(entry, entry.Number);
            }

            Assert.True(queue.Remove(entries[cancelled]));
            Assert.False(entries[cancelled].IsQueued);
            Assert.Equal(Enumerable.Range(0, count).Where(number => number != cancelled), TakeAll(queue, now: count));
        }
    }

    [Fact]
    public void Removing_twice_or_after_it_was_taken_is_false()
    {
        var queue = new TimerQueue();
        var first = new NumberedTimer(1);
        var second = new NumberedTimer(2);
        queue.Add(first, 1);
        queue.Add(second, 2);
        Assert.True(queue.Remove(first));
        Assert.False(queue.Remove(first));
        Assert.Equal([2], TakeAll(queue, now: 2));
        Assert.False(queue.Remove(second));
        queue.Add(first, 3);
        Assert.Equal([1], TakeAll(queue, now: 3));
    }

    [Fact]
    public void A_hundred_thousand_timers_half_of_them_cancelled_come_out_sorted()
    {
        var random = new Random(1);
        var queue = new TimerQueue();
        var entries = new NumberedTimer[100_000];
        for (int i = 0; i < entries.Length; i++)
        {
            entries[i] = new NumberedTimer(random.Next(1_000_000));
            queue.Add(entries[i], entries[i].Number);
        }

        foreach (NumberedTimer entry in entries.Where((_, index) => index % 2 == 0))
        {
            Assert.True(queue.Remove(entry));
        }

        int[] expected = [.. entries.Where((_, index) => index % 2 == 1).Select(static entry => entry.Number).Order()];
        Assert.Equal(expected, TakeAll(queue, now: long.MaxValue));
        Assert.Equal(0, queue.Count);
    }

    private static List<int> TakeAll(TimerQueue queue, long now)
    {
        var taken = new List<int>();
        while (queue.TryTakeDue(now, out TimerEntry? entry))
        {
            Assert.False(entry!.IsQueued);
            taken.Add(((NumberedTimer)entry).Number);
        }

        return taken;
    }
}
