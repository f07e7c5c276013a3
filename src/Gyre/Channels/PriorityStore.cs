namespace Gyre.Channels;

/// <summary>The least item first; of equal ones the one that was added first.</summary>
internal sealed class PriorityStore<T>(IComparer<T> comparer) : ItemStore<T>
{
    private readonly PriorityQueue<T, (T Item, long Number)> _items = new(new ByItemThenNumber(comparer));
    private long _added;

    public override int Count => _items.Count;

    public override void Add(T item) => _items.Enqueue(item, (item, _added++));

    public override T Take() => _items.Dequeue();

    public override T Peek() => _items.Peek();

    public override T TakeNewest() => throw new NotSupportedException("A queue by priority drops nothing.");

    public override void Clear() => _items.Clear();

    private sealed class ByItemThenNumber(IComparer<T> comparer) : IComparer<(T Item, long Number)>
    {
        public int Compare((T Item, long Number) x, (T Item, long Number) y) =>
            comparer.Compare(x.Item, y.Item) is var order and not 0 ? order : x.Number.CompareTo(y.Number);
    }
}
