namespace Gyre.Channels;

/// <summary>The reading end of anything that a select can receive from. Loop thread.</summary>
internal interface ISource<T>
{
    EventLoop Loop { get; }

    /// <summary>Whether a receive needn't wait: there is an item, or none will ever come.</summary>
    bool IsReady(Select select);

    /// <summary>Takes an item that isn't of <paramref name="select"/> itself. False when none is there.</summary>
    /// <exception cref="Exception">The source has to say that items were missed.</exception>
    bool TryTake(Select? select, out T item);

    /// <summary>Why there will be no more items.</summary>
    Exception? Failure { get; }

    void Add(Receiver<T> receiver);
}
