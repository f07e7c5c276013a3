using System.Diagnostics;

namespace Gyre.Channels;

/// <summary>The latest items of a broadcast, in a ring that the next ones overwrite, and who reads them.</summary>
[DebuggerDisplay("{Written} written, {Readers.Count} readers")]
internal sealed class BroadcastCore<T>(EventLoop loop, string name, int capacity, LagPolicy lag)
{
    private readonly T[] _items = new T[capacity];
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public EventLoop Loop => loop;

    public string Name => name;

    public int Capacity => capacity;

    public LagPolicy Lag => lag;

    /// <summary>How many items were written; the next one has this number.</summary>
    public long Written { get; private set; }

    public List<BroadcastReader<T>> Readers { get; } = [];

    public bool IsClosed { get; private set; }

    public Exception? Failure { get; private set; }

    public Task Completion => _completion.Task;

    public T this[long number] => _items[number % capacity];

    public bool TryWrite(T item)
    {
        if (IsClosed)
        {
            return false;
        }

        _items[Written % capacity] = item;
        Written++;
        foreach (BroadcastReader<T> reader in Readers)
        {
            reader.OnWritten();
        }

        return true;
    }

    public bool Close(Exception? failure)
    {
        if (IsClosed)
        {
            return false;
        }

        IsClosed = true;
        Failure = failure;
        foreach (BroadcastReader<T> reader in Readers)
        {
            reader.OnClosed();
        }

        ClosedError.Settle(_completion, failure);
        return true;
    }
}
