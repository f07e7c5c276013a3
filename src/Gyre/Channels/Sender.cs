namespace Gyre.Channels;

/// <summary>Somebody who waits for room for an item, or for somebody who takes it: a flow, or a case of a select.</summary>
internal abstract class Sender<T> : Linked<Sender<T>>
{
    /// <inheritdoc cref="Receiver{T}.Select"/>
    public virtual Select? Select => null;

    /// <inheritdoc cref="Receiver{T}.End"/>
    public object? End { get; set; }

    /// <summary>What is to be sent.</summary>
    public T? Item { get; set; }

    /// <summary>It has left the queue, and the item is somebody else's.</summary>
    public abstract void OnTaken();

    /// <summary>It has left the queue and keeps its item; nobody will take it.</summary>
    /// <inheritdoc cref="Receiver{T}.OnEnded"/>
    public abstract void OnEnded(Exception? failure);

    /// <summary>It has left the queue and keeps its item, which can't be stored.</summary>
    /// <param name="refusal">What the store threw.</param>
    public abstract void OnRefused(Exception refusal);
}
