using System.Diagnostics;

namespace Gyre.Buffers;

/// <summary>
/// Pinned buffers of one loop, in four sizes. Kernel operations write to them by address, so they live in the pinned
/// heap; they stay ordinary arrays, so a stale <see cref="Memory{T}"/> over one reads old bytes but never freed memory.
/// </summary>
/// <remarks>
/// Used on the thread of its loop only; it takes no lock. Buffers are recycled last-in first-out, which keeps them in cache.
/// </remarks>
[DebuggerDisplay("rented = {Rented}, free = {FreeBytes} bytes")]
internal sealed class SlabPool
{
    private const int ClassCount = 4;

    /// <summary>Blocks are carved from slabs of this size (in bytes), so that small blocks don't each pay an array header.</summary>
    private const int SlabBytes = 64 * 1024;

    private readonly Stack<PinnedBlock>[] _free = new Stack<PinnedBlock>[ClassCount];
    private long _freeBytes;

    public SlabPool()
    {
        for (int i = 0; i < ClassCount; i++)
        {
            _free[i] = new Stack<PinnedBlock>();
        }
    }

    /// <summary>Blocks handed out and not yet returned.</summary>
    public int Rented { get; private set; }

    /// <summary>Bytes that wait for reuse.</summary>
    public long FreeBytes => _freeBytes;

    /// <summary>A block of at least <paramref name="bytes"/> bytes; larger than 64 KiB is allocated for this use alone.</summary>
    public PinnedBlock Rent(int bytes)
    {
        Rented++;
        int sizeClass = ClassOf(bytes);
        if (sizeClass == ClassCount)
        {
            return new PinnedBlock(GC.AllocateUninitializedArray<byte>(bytes, pinned: true), 0, bytes);
        }

        Stack<PinnedBlock> free = _free[sizeClass];
        if (free.Count == 0)
        {
            Carve(sizeClass);
        }

        PinnedBlock block = free.Pop();
        _freeBytes -= block.Length;
        return block;
    }

    /// <summary>Takes back a block. The caller must have dropped every way to write to it.</summary>
    public void Return(PinnedBlock block)
    {
        Debug.Assert(Rented > 0, "More blocks returned than rented.");
        Rented--;
        int sizeClass = ClassOf(block.Length);
        if (sizeClass == ClassCount || SizeOf(sizeClass) != block.Length)
        {
            return;
        }

        _free[sizeClass].Push(block);
        _freeBytes += block.Length;
    }

    private static int SizeOf(int sizeClass) => sizeClass switch
    {
        0 => 512,
        1 => 4096,
        2 => 16384,
        _ => 65536,
    };

    private static int ClassOf(int bytes) => bytes switch
    {
        <= 512 => 0,
        <= 4096 => 1,
        <= 16384 => 2,
        <= 65536 => 3,
        _ => ClassCount,
    };

    private void Carve(int sizeClass)
    {
        int size = SizeOf(sizeClass);
        byte[] slab = GC.AllocateUninitializedArray<byte>(SlabBytes, pinned: true);
        for (int offset = SlabBytes - size; offset >= 0; offset -= size)
        {
            _free[sizeClass].Push(new PinnedBlock(slab, offset, size));
            _freeBytes += size;
        }
    }
}
