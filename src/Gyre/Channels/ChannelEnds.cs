namespace Gyre.Channels;

/// <summary>How many ends of a channel are open. The last of one side closes it for the other.</summary>
internal sealed class ChannelEnds<T>
{
    public int Readers { get; set; }

    public int Writers { get; set; }

    public void OnReaderDisposed(ChannelCore<T> core, LoopReader<T> end)
    {
        core.EndReadsAt(end);
        if (--Readers == 0)
        {
            core.Abandon(new ObjectDisposedException(core.Name, $"every reading end of {core.Name} was disposed"));
        }
    }

    public void OnWriterDisposed(ChannelCore<T> core, LoopWriter<T> end)
    {
        core.EndWritesAt(end);
        if (--Writers == 0)
        {
            core.Close(failure: null);
        }
    }
}
