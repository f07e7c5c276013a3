namespace Gyre.Channels;

/// <summary>The least item first; of equal ones the one that was added first.</summary>
/// <remarks>
/// A binary heap that compares everything before it moves anything, so that a comparison that throws (a tuple whose first
/// parts are equal compares the second ones) leaves it as it was. The BCL's heap is left with an item that nobody added.
/// </remarks>
internal sealed class PriorityStore<T>(IComparer<T> comparer) : ItemStore<T>
{
    private readonly List<(T Item, long Number)> _heap = [];
    private long _added;

    public override int Count => _heap.Count;

    public override void Add(T item)
    {
        (T Item, long Number) added = (item, _added);
        int place = _heap.Count;
        while (place > 0 && IsBefore(added, _heap[(place - 1) / 2]))
        {
            place = (place - 1) / 2;
        }

        _added++;
        _heap.Add(added);
        for (int hole = _heap.Count - 1; hole > place; hole = (hole - 1) / 2)
        {
            _heap[hole] = _heap[(hole - 1) / 2];
        }

        _heap[place] = added;
    }

    public override T Take()
    {
        T least = _heap[0].Item;
        (T Item, long Number) last = _heap[^1];
        int place = PlaceOf(last, _heap.Count - 1);
        _heap.RemoveAt(_heap.Count - 1);
        if (_heap.Count > 0)
        {
            Lift(place);
            _heap[place] = last;
        }

        return least;
    }

    public override T Peek() => _heap[0].Item;

    public override T TakeNewest() => throw new NotSupportedException("A queue by priority drops nothing.");

    public override void Clear() => _heap.Clear();

    /// <summary>Where <paramref name="moved"/> belongs on the path of least children down from the top, among the first items.</summary>
    private int PlaceOf((T Item, long Number) moved, int count)
    {
        int place = 0;
        for (int child = 1; child < count; child = (2 * place) + 1)
        {
            int least = child + 1 < count && IsBefore(_heap[child + 1], _heap[child]) ? child + 1 : child;
            if (!IsBefore(_heap[least], moved))
            {
                break;
            }

            place = least;
        }

        return place;
    }

    /// <summary>Moves what is on the way from <paramref name="place"/> to the top one step up.</summary>
    private void Lift(int place)
    {
        (T Item, long Number) carried = _heap[place];
        while (place > 0)
        {
            place = (place - 1) / 2;
            (carried, _heap[place]) = (_heap[place], carried);
        }
    }

    private bool IsBefore((T Item, long Number) x, (T Item, long Number) y) =>
        comparer.Compare(x.Item, y.Item) is var order and not 0 ? order < 0 : x.Number < y.Number;
}
