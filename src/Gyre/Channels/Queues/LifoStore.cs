namespace Gyre.Channels;

/// <summary>Last-in first-out.</summary>
internal sealed class LifoStore<T> : ItemStore<T>
{
    private readonly Stack<T> _items = new();

    public override int Count => _items.Count;

    public override void Add(T item) => _items.Push(item);

    public override T Take() => _items.Pop();

    public override T Peek() => _items.Peek();

    public override T TakeNewest() => _items.Pop();

    public override void Clear() => _items.Clear();
}
