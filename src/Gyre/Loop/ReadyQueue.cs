using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Gyre.Loop;

/// <summary>What runs next: a ring buffer, first-in first-out, that a simulation may shuffle by its seed.</summary>
[DebuggerDisplay("Count = {Count}")]
internal sealed class ReadyQueue(int? shuffleSeed)
{
    private readonly Random? _shuffle = shuffleSeed is { } seed ? new Random(seed) : null;
    private Slot[] _items = new Slot[256];
    private int _head;
    private int _count;

    public int Count => _count;

    public void Add(in ReadyItem item)
    {
        ref Slot slot = ref Next();
        slot.Callback = item.Callback;
        slot.State = item.State;
        slot.Context = item.Context;
        slot.RestoreContext = item.RestoreContext;
    }

    /// <summary>Adds a wait that is over; it has its continuation and context itself.</summary>
    public void Add(ParkedWait wait) => Next().State = wait;

    /// <summary>Takes the oldest item or, when shuffling, any of the oldest <paramref name="window"/>; in parts, which are cheaper than a copy.</summary>
    public void Take(int window, out Action<object?> callback, out object? state, out ScopeContext context, out bool restoreContext)
    {
        Debug.Assert(_count > 0 && window > 0, "Nothing is ready.");
        if (_shuffle is not null)
        {
            Shuffle(window);
        }

        ref Slot slot = ref _items[_head];
        _head = (_head + 1) & (_items.Length - 1);
        _count--;
        state = slot.State;
        slot.State = null;
        if (slot.Callback is null)
        {
            ParkedWait wait = Unsafe.As<ParkedWait>(state!);
            callback = wait.Callback!;
            state = wait.State;
            context = wait.Context!;
            restoreContext = wait.RestoreContext;
        }
        else
        {
            callback = slot.Callback;
            context = slot.Context!;
            restoreContext = slot.RestoreContext;
            slot.Callback = null;
            slot.Context = null;
        }
    }

    /// <summary>Adds what is ready to <paramref name="items"/>, for diagnosis.</summary>
    public void CollectItems(ICollection<ReadyItem> items)
    {
        for (int i = 0; i < _count; i++)
        {
            Slot slot = _items[(_head + i) & (_items.Length - 1)];
            items.Add(slot.Callback is { } callback
                ? new ReadyItem(callback, slot.State, slot.Context!, slot.RestoreContext)
                : slot.State is ParkedWait wait ? new ReadyItem(wait.Callback!, wait.State, wait.Context!, wait.RestoreContext) : default);
        }
    }

    private void Shuffle(int window)
    {
        int other = (_head + _shuffle!.Next(window)) & (_items.Length - 1);
        (_items[_head], _items[other]) = (_items[other], _items[_head]);
    }

    private ref Slot Next()
    {
        if (_count == _items.Length)
        {
            Grow();
        }

        return ref _items[(_head + _count++) & (_items.Length - 1)];
    }

    private void Grow()
    {
        var larger = new Slot[_items.Length * 2];
        for (int i = 0; i < _count; i++)
        {
            larger[i] = _items[(_head + i) & (_items.Length - 1)];
        }

        _items = larger;
        _head = 0;
    }

    /// <summary>A ready item; or, where there is no callback, a wait. Each reference that isn't written saves a write barrier.</summary>
    private struct Slot
    {
        public Action<object?>? Callback;
        public object? State;
        public ScopeContext? Context;
        public bool RestoreContext;
    }
}
