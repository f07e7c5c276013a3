using CsCheck;
using Gyre.Time;

namespace Gyre.Tests;

/// <summary>The timer queue against a sorted list that adds, removes and takes in the plainest way. A failure prints its seed.</summary>
public sealed class TimerQueueProperties
{
    /// <summary>A step: add at the deadline (kind 0 to 2), remove the entry at the index (3), or take what is due (4).</summary>
    private static readonly Gen<(int Kind, int Value)[]> s_steps = Gen.Select(Gen.Int[0, 4], Gen.Int[0, 50]).Array[0, 400];

    [Fact]
    public void It_behaves_as_a_sorted_list_does() => s_steps.Sample(static steps =>
    {
        var queue = new TimerQueue();
        var model = new List<(long Deadline, NumberedTimer Entry)>();
        for (int step = 0; step < steps.Length; step++)
        {
            (int kind, int value) = steps[step];
            switch (kind)
            {
                case 3:
                    Remove(queue, model, value);
                    break;
                case 4:
                    Take(queue, model, value);
                    break;
                default:
                    var entry = new NumberedTimer(step);
                    queue.Add(entry, value);
                    model.Add((value, entry));
                    break;
            }

            Assert.Equal(model.Count, queue.Count);
            Assert.Equal(model.Count == 0 ? Deadline.Never : model.Min(static item => item.Deadline), queue.NextDue);
        }
    });

    private static void Remove(TimerQueue queue, List<(long Deadline, NumberedTimer Entry)> model, int index)
    {
        if (index < model.Count)
        {
            Assert.True(queue.Remove(model[index].Entry));
            model.RemoveAt(index);
        }
    }

    private static void Take(TimerQueue queue, List<(long Deadline, NumberedTimer Entry)> model, long now)
    {
        // OrderBy is stable, so equal deadlines stay in the order of adding.
        foreach ((long deadline, NumberedTimer expected) in model.OrderBy(static item => item.Deadline).ToList())
        {
            Assert.Equal(deadline <= now, queue.TryTakeDue(now, out TimerEntry? taken));
            if (taken is null)
            {
                return;
            }

            Assert.Same(expected, taken);
            model.Remove((deadline, expected));
        }

        Assert.False(queue.TryTakeDue(now, out _));
    }
}
