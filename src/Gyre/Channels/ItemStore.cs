namespace Gyre.Channels;

/// <summary>Items on their way, in the order in which they will be taken.</summary>
internal abstract class ItemStore<T>
{
    public abstract int Count { get; }

    public abstract void Add(T item);

    /// <summary>Removes the next one. There is one.</summary>
    public abstract T Take();

    /// <summary>The next one, which stays. There is one.</summary>
    public abstract T Peek();

    /// <summary>Removes the one that was added last. There is one.</summary>
    public abstract T TakeNewest();

    public abstract void Clear();
}
