using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Gyre.Interop.Linux;

namespace Gyre.Drivers.IoUring;

/// <summary>
/// The ring of receive buffers from which the kernel picks when bytes arrive, so that an idle connection holds none.
/// </summary>
/// <remarks>
/// The buffers are transit. A consumer may hold at most half of them; past that every one delivered is marked scarce and
/// must be copied and returned within the handler, so the ring can't run dry by holding. It can still run dry within one
/// turn, when more connections receive than there are buffers: the kernel then ends their receives with ENOBUFS, and they
/// are armed again once this turn's buffers are back.
/// </remarks>
[DebuggerDisplay("{_held} of {_count} held")]
internal sealed unsafe class ProvidedBuffers : IReceivedBufferOwner
{
    public const ushort GroupId = 0;

    private readonly BufferRingEntry* _ring;
    private readonly nuint _ringLength;
    private readonly byte[] _slab;
    private readonly int _count;
    private readonly int _size;
    private readonly ushort _mask;
    private ushort _tail;
    private int _held;

    private ProvidedBuffers(BufferRingEntry* ring, nuint ringLength, int count, int size)
    {
        _ring = ring;
        _ringLength = ringLength;
        _count = count;
        _size = size;
        _mask = (ushort)(count - 1);
        _slab = GC.AllocateUninitializedArray<byte>(count * size, pinned: true);
        for (int i = 0; i < count; i++)
        {
            Add(i);
        }

        Publish();
    }

    /// <summary>Buffers that consumers hold.</summary>
    public int Held => _held;

    /// <summary>Registers a buffer ring with <paramref name="ring"/>; null and a negated errno when the kernel refuses.</summary>
    public static ProvidedBuffers? TryCreate(Ring ring, int count, int size, out int error)
    {
        nuint length = (nuint)(count * sizeof(BufferRingEntry));
        void* memory = Libc.Map(length, Libc.MAP_PRIVATE | Libc.MAP_ANONYMOUS, -1, 0, out error);
        if (memory == null)
        {
            return null;
        }

        var registration = new BufferRingRegistration { RingAddress = (ulong)memory, RingEntries = (uint)count, GroupId = GroupId };
        error = Libc.IoUringRegister(ring.Fd, IoUringAbi.RegisterPbufRing, &registration, 1);
        if (error < 0)
        {
            Libc.Unmap(memory, length);
            return null;
        }

        return new ProvidedBuffers((BufferRingEntry*)memory, length, count, size);
    }

    /// <summary>Wraps the buffer that the kernel filled; the consumer returns it.</summary>
    public ReceivedBuffer Lend(int id, int length)
    {
        _held++;
        return new ReceivedBuffer(_slab, id * _size, length, this, id, isScarce: _held > _count / 2);
    }

    /// <summary>Puts back a buffer that was delivered for nobody.</summary>
    public void Recycle(int id) => Add(id);

    /// <inheritdoc/>
    public void Return(int token)
    {
        Debug.Assert(_held > 0, "A receive buffer was returned twice.");
        _held--;
        Add(token);
    }

    /// <summary>Shows the kernel what was put back since the last call.</summary>
    public void Publish() => Volatile.Write(ref _ring->Reserved, _tail);

    /// <summary>Unmaps the ring. The kernel must be done with it: call after the io_uring is closed.</summary>
    public void Free() => Libc.Unmap(_ring, _ringLength);

    private void Add(int id)
    {
        // Entry 0 shares its last field with the ring's tail, so the fields are written one by one, never the whole entry.
        BufferRingEntry* entry = _ring + (_tail & _mask);
        entry->Address = (ulong)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_slab)) + (ulong)(id * _size);
        entry->Length = (uint)_size;
        entry->BufferId = (ushort)id;
        _tail++;
    }
}
