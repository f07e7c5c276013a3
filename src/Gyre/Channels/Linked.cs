using System.Diagnostics;

namespace Gyre.Channels;

/// <summary>Something that stands in one <see cref="LinkedQueue{T}"/> at a time, and can leave it from the middle at no search.</summary>
internal abstract class Linked<T>
    where T : Linked<T>
{
    internal T? Next;
    internal T? Previous;

    /// <summary>The queue that it stands in, or stood in last: left in place, because most go back to the same one.</summary>
    private LinkedQueue<T>? _queue;

    /// <summary>Whether it stands in a queue.</summary>
    public bool IsQueued { get; private set; }

    /// <summary>Takes it out of its queue, if it stands in one.</summary>
    public void Leave()
    {
        if (IsQueued)
        {
            _queue!.Remove((T)this);
        }
    }

    internal void OnAdded(LinkedQueue<T> queue)
    {
        Debug.Assert(!IsQueued, "It stands in a queue already.");
        IsQueued = true;
        if (_queue != queue)
        {
            _queue = queue;
        }
    }

    internal void OnRemoved(LinkedQueue<T> queue)
    {
        Debug.Assert(IsQueued && _queue == queue, "It stands in another queue.");
        IsQueued = false;
        Next = null;
        Previous = null;
    }
}

/// <summary>A first-in first-out queue whose nodes are the things themselves.</summary>
[DebuggerDisplay("Count = {Count}")]
internal sealed class LinkedQueue<T>
    where T : Linked<T>
{
    private T? _last;

    public int Count { get; private set; }

    public T? First { get; private set; }

    public void Add(T node)
    {
        node.OnAdded(this);
        if (_last is { } last)
        {
            node.Previous = last;
            last.Next = node;
        }
        else
        {
            First = node;
        }

        _last = node;
        Count++;
    }

    public void Remove(T node)
    {
        T? previous = node.Previous;
        T? next = node.Next;
        if (previous is null)
        {
            First = next;
        }
        else
        {
            previous.Next = next;
        }

        if (next is null)
        {
            _last = previous;
        }
        else
        {
            next.Previous = previous;
        }

        node.OnRemoved(this);
        Count--;
    }
}
