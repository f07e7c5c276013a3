namespace Gyre.Channels;

/// <summary>Which item of an <see cref="AsyncQueue{T}"/> is next.</summary>
public enum QueueOrder
{
    /// <summary>The one that was put first.</summary>
    Fifo,

    /// <summary>The one that was put last.</summary>
    Lifo,

    /// <summary>The least one by the comparer; of equal ones the one that was put first.</summary>
    Priority,
}
