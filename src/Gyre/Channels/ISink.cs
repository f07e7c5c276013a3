namespace Gyre.Channels;

/// <summary>The writing end of anything that a select can send to. Loop thread.</summary>
internal interface ISink<T>
{
    EventLoop Loop { get; }

    /// <summary>Whether a send needn't wait: there is room or a taker, or it would be refused.</summary>
    bool IsReady(Select select);

    /// <summary>Gives the item to somebody who isn't of <paramref name="select"/> itself, or stores it. False when there is no room.</summary>
    /// <exception cref="System.Threading.Channels.ChannelClosedException">The channel takes no more items.</exception>
    bool TryGive(Select? select, T item);

    void Add(Sender<T> sender);
}
