using System.Diagnostics;

namespace Gyre.Loop;

/// <summary>What runs next: a ring buffer, first-in first-out, that a simulation may shuffle by its seed.</summary>
[DebuggerDisplay("Count = {Count}")]
internal sealed class ReadyQueue(int? shuffleSeed)
{
    private readonly Random? _shuffle = shuffleSeed is { } seed ? new Random(seed) : null;
    private ReadyItem[] _items = new ReadyItem[256];
    private int _head;
    private int _count;

    public int Count => _count;

    public void Add(in ReadyItem item)
    {
        if (_count == _items.Length)
        {
            Grow();
        }

        _items[(_head + _count) & (_items.Length - 1)] = item;
        _count++;
    }

    /// <summary>Takes the oldest item or, when shuffling, any of the oldest <paramref name="window"/>.</summary>
    public ReadyItem Take(int window)
    {
        Debug.Assert(_count > 0 && window > 0, "Nothing is ready.");
        if (_shuffle is not null)
        {
            int other = (_head + _shuffle.Next(window)) & (_items.Length - 1);
            (_items[_head], _items[other]) = (_items[other], _items[_head]);
        }

        ref ReadyItem slot = ref _items[_head];
        ReadyItem item = slot;
        slot = default;
        _head = (_head + 1) & (_items.Length - 1);
        _count--;
        return item;
    }

    /// <summary>Adds what is ready to <paramref name="items"/>, for diagnosis.</summary>
    public void CollectItems(ICollection<ReadyItem> items)
    {
        for (int i = 0; i < _count; i++)
        {
            items.Add(_items[(_head + i) & (_items.Length - 1)]);
        }
    }

    private void Grow()
    {
        var larger = new ReadyItem[_items.Length * 2];
        for (int i = 0; i < _count; i++)
        {
            larger[i] = _items[(_head + i) & (_items.Length - 1)];
        }

        _items = larger;
        _head = 0;
    }
}
