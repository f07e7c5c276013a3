using System.Diagnostics;

namespace Gyre.Drivers;

/// <summary>The receive buffers of a driver that fills them itself, when bytes have arrived; idle connections hold none.</summary>
/// <remarks>
/// Buffers are recycled last-in first-out, so that few are touched and those stay in cache. They are pinned arrays: a
/// consumer that keeps a stale view of one reads old bytes, never freed memory. Loop thread only.
/// </remarks>
[DebuggerDisplay("{Held} held, {_free.Count} free")]
internal sealed class LentBuffers : IReceivedBufferOwner
{
    /// <summary>
    /// Bytes of one buffer: a large transfer then costs a call per 16 KiB, and one that holds a small request is one page
    /// resident.
    /// </summary>
    public const int BufferBytes = 16 * 1024;

    /// <summary>Buffers in one allocation: 256 KiB.</summary>
    private const int SlabCount = 16;

    /// <summary>
    /// Buffers that consumers may keep, 4 MiB as in the ring of the io_uring driver; beyond that they are told to copy at once.
    /// </summary>
    private const int HeldMax = 256;

    private readonly List<byte[]> _slabs = [];
    private readonly Stack<int> _free = new();

    /// <summary>Buffers that consumers hold.</summary>
    public int Held { get; private set; }

    /// <summary>A buffer of <see cref="BufferBytes"/> to receive into; give it to <see cref="Lend"/> or <see cref="Recycle"/>.</summary>
    public int Rent(out byte[] array, out int offset)
    {
        if (!_free.TryPop(out int token))
        {
            AddSlab();
            token = _free.Pop();
        }

        array = _slabs[token / SlabCount];
        offset = token % SlabCount * BufferBytes;
        return token;
    }

    /// <summary>Wraps a rented buffer that holds <paramref name="length"/> bytes; the consumer returns it.</summary>
    public ReceivedBuffer Lend(int token, int length)
    {
        Held++;
        int offset = token % SlabCount * BufferBytes;
        return new ReceivedBuffer(_slabs[token / SlabCount], offset, length, this, token, isScarce: Held > HeldMax);
    }

    /// <summary>Takes back a rented buffer in which nothing was received.</summary>
    public void Recycle(int token) => _free.Push(token);

    /// <inheritdoc/>
    public void Return(int token)
    {
        Debug.Assert(Held > 0, "A receive buffer was returned twice.");
        Held--;
        _free.Push(token);
    }

    private void AddSlab()
    {
        int first = _slabs.Count * SlabCount;
        _slabs.Add(GC.AllocateUninitializedArray<byte>(SlabCount * BufferBytes, pinned: true));
        for (int i = SlabCount - 1; i >= 0; i--)
        {
            _free.Push(first + i);
        }
    }
}
