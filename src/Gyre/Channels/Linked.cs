using System.Diagnostics;

namespace Gyre.Channels;

/// <summary>Something that stands in one <see cref="LinkedQueue{T}"/> at a time, and can leave it from the middle at no search.</summary>
internal abstract class Linked<T>
    where T : Linked<T>
{
    internal T? Next;
    internal T? Previous;
    internal LinkedQueue<T>? Queue;

    /// <summary>Takes it out of its queue, if it stands in one.</summary>
    public void Leave() => Queue?.Remove((T)this);
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
        node.Queue = this;
        node.Previous = _last;
        if (_last is null)
        {
            First = node;
        }
        else
        {
            _last.Next = node;
        }

        _last = node;
        Count++;
    }

    public void Remove(T node)
    {
        Debug.Assert(node.Queue == this, "It stands in another queue.");
        if (node.Previous is { } previous)
        {
            previous.Next = node.Next;
        }
        else
        {
            First = node.Next;
        }

        if (node.Next is { } next)
        {
            next.Previous = node.Previous;
        }
        else
        {
            _last = node.Previous;
        }

        node.Next = null;
        node.Previous = null;
        node.Queue = null;
        Count--;
    }
}
