using System.Runtime.CompilerServices;

namespace Gyre.Channels;

/// <summary>First-in first-out, in a ring that grows.</summary>
internal sealed class FifoStore<T> : ItemStore<T>
{
    private T[] _items = new T[4];
    private int _head;
    private int _count;

    public override int Count => _count;

    public override void Add(T item)
    {
        if (_count == _items.Length)
        {
            Grow();
        }

        _items[(_head + _count++) & (_items.Length - 1)] = item;
    }

    public override T Take()
    {
        ref T slot = ref _items[_head];
        T item = slot;
        if (RuntimeHelpers.IsReferenceOrContainsReferences<T>())
        {
            slot = default!;
        }

        _head = (_head + 1) & (_items.Length - 1);
        _count--;
        return item;
    }

    public override T Peek() => _items[_head];

    public override T TakeNewest()
    {
        ref T slot = ref _items[(_head + --_count) & (_items.Length - 1)];
        T item = slot;
        slot = default!;
        return item;
    }

    public override void Clear()
    {
        _items = new T[4];
        _head = 0;
        _count = 0;
    }

    private void Grow()
    {
        var larger = new T[_items.Length * 2];
        for (int i = 0; i < _count; i++)
        {
            larger[i] = _items[(_head + i) & (_items.Length - 1)];
        }

        _items = larger;
        _head = 0;
    }
}
