namespace Gyre.Channels;

/// <summary>Somebody who waits for an item: a flow, or a case of a select. It is given one, or told that none will come.</summary>
internal abstract class Receiver<T> : Linked<Receiver<T>>
{
    /// <summary>The select that it is a case of, which can't trade with itself; null for a flow.</summary>
    public virtual Select? Select => null;

    /// <summary>The end of the channel at which it waits, where there may be several.</summary>
    public object? End { get; set; }

    /// <summary>It has left the queue, and the item is its own.</summary>
    public abstract void OnGiven(T item);

    /// <summary>It has left the queue; no item will come.</summary>
    /// <param name="failure">Why the channel was closed; null when it just was.</param>
    public abstract void OnEnded(Exception? failure);
}
