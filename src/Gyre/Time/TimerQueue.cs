using System.Diagnostics;

namespace Gyre.Time;

/// <summary>
/// Timers ordered by when they fall due, then by deadline, then by order of adding. A four-ary heap whose entries know their place: adding and
/// cancelling are O(log n) at worst and O(1) for the common case of a late deadline that is cancelled soon.
/// </summary>
/// <remarks>Deadlines are nanoseconds of the driver's clock. Used on the loop's thread only.</remarks>
[DebuggerDisplay("Count = {Count}")]
internal sealed class TimerQueue
{
    private const int Arity = 4;

    private Slot[] _heap = new Slot[16];
    private int _count;
    private ulong _added;

    public int Count => _count;

    /// <summary>When the first one falls due, or <see cref="Deadline.Never"/>.</summary>
    public long NextDue => _count == 0 ? Deadline.Never : _heap[0].Due;

    /// <summary>Queues <paramref name="entry"/>, which must not be queued.</summary>
    /// <param name="entry">What is called.</param>
    /// <param name="deadline">Never called before this.</param>
    public void Add(TimerEntry entry, long deadline) => Add(entry, deadline, deadline);

    /// <summary>As the other overload, for a timer that may be a little late.</summary>
    /// <param name="entry">What is called.</param>
    /// <param name="deadline">Of those that fall due together, the earliest deadline is called first.</param>
    /// <param name="due">When it is called; not before the deadline.</param>
    public void Add(TimerEntry entry, long deadline, long due)
    {
        Debug.Assert(due >= deadline, "A timer is never early.");
        Debug.Assert(!entry.IsQueued, "The entry is queued already.");
        if (_count == _heap.Length)
        {
            Array.Resize(ref _heap, _count * 2);
        }

        SiftUp(_count++, new Slot(due, deadline, _added++, entry));
    }

    /// <summary>Takes <paramref name="entry"/> out; false when it wasn't queued (it ran, or was removed before).</summary>
    public bool Remove(TimerEntry entry)
    {
        int index = entry.HeapIndex;
        if (index < 0)
        {
            return false;
        }

        entry.HeapIndex = -1;
        Slot last = TakeLast();
        if (last.Entry != entry)
        {
            Replace(index, last);
        }

        return true;
    }

    /// <summary>Takes the first entry that fell due at or before <paramref name="now"/>.</summary>
    public bool TryTakeDue(long now, out TimerEntry? entry)
    {
        if (_count == 0 || _heap[0].Due > now)
        {
            entry = null;
            return false;
        }

        entry = _heap[0].Entry;
        Remove(entry);
        return true;
    }

    /// <summary>Adds what is queued to <paramref name="entries"/>, in no order, for diagnosis.</summary>
    public void CollectEntries(ICollection<TimerEntry> entries)
    {
        for (int i = 0; i < _count; i++)
        {
            entries.Add(_heap[i].Entry);
        }
    }

    private Slot TakeLast()
    {
        Slot last = _heap[--_count];
        _heap[_count] = default;
        return last;
    }

    private void Replace(int index, Slot slot)
    {
        if (index > 0 && slot.IsBefore(_heap[(index - 1) / Arity]))
        {
            SiftUp(index, slot);
        }
        else
        {
            SiftDown(index, slot);
        }
    }

    private void SiftUp(int index, Slot slot)
    {
        while (index > 0)
        {
            int parent = (index - 1) / Arity;
            if (!slot.IsBefore(_heap[parent]))
            {
                break;
            }

            Place(index, _heap[parent]);
            index = parent;
        }

        Place(index, slot);
    }

    private void SiftDown(int index, Slot slot)
    {
        while (true)
        {
            int first = (index * Arity) + 1;
            if (first >= _count)
            {
                break;
            }

            int least = first;
            int end = Math.Min(first + Arity, _count);
            for (int child = first + 1; child < end; child++)
            {
                least = _heap[child].IsBefore(_heap[least]) ? child : least;
            }

            if (!_heap[least].IsBefore(slot))
            {
                break;
            }

            Place(index, _heap[least]);
            index = least;
        }

        Place(index, slot);
    }

    private void Place(int index, Slot slot)
    {
        _heap[index] = slot;
        slot.Entry.HeapIndex = index;
    }

    private readonly record struct Slot(long Due, long Deadline, ulong Order, TimerEntry Entry)
    {
        public bool IsBefore(in Slot other) =>
            Due != other.Due ? Due < other.Due : Deadline != other.Deadline ? Deadline < other.Deadline : Order < other.Order;
    }
}
