using System.Buffers;
using System.Diagnostics;

namespace Gyre.Buffers;

/// <summary>One link of a connection's unread or unsent bytes: a block, and how much of it is filled.</summary>
[DebuggerDisplay("filled = {End} of {Capacity}")]
internal sealed class BufferSegment : ReadOnlySequenceSegment<byte>
{
    private byte[] _array = [];
    private int _offset;

    /// <summary>Bytes written, counted from the start of the block.</summary>
    public int End { get; private set; }

    /// <summary>Bytes the block holds.</summary>
    public int Capacity { get; private set; }

    /// <summary>Whether the block belongs to the slab pool; otherwise it is a driver's receive buffer in transit.</summary>
    public bool IsOwned { get; private set; }

    public int Free => Capacity - End;

    public BufferSegment? NextSegment => (BufferSegment?)Next;

    /// <summary>The whole block, to give back to its pool.</summary>
    public PinnedBlock Block => new(_array, _offset, Capacity);

    public Memory<byte> Writable => new(_array, _offset + End, Capacity - End);

    public Span<byte> WritableSpan => new(_array, _offset + End, Capacity - End);

    /// <summary>Starts an empty segment over a block of the slab pool.</summary>
    public void Own(PinnedBlock block)
    {
        _array = block.Array;
        _offset = block.Offset;
        Capacity = block.Length;
        IsOwned = true;
        SetEnd(0);
    }

    /// <summary>Starts a full segment over bytes that still belong to the driver.</summary>
    public void Borrow(byte[] array, int offset, int length)
    {
        _array = array;
        _offset = offset;
        Capacity = length;
        IsOwned = false;
        SetEnd(length);
    }

    public void Advance(int bytes) => SetEnd(End + bytes);

    public void Append(BufferSegment next)
    {
        Debug.Assert(Next is null, "Only the last segment can be appended to.");
        Next = next;
        next.RunningIndex = RunningIndex + End;
    }

    /// <summary>Forgets the successor and the place in the chain, to be appended to another one.</summary>
    public void Detach()
    {
        Next = null;
        RunningIndex = 0;
    }

    /// <summary>Forgets block and successor, so that a pooled segment keeps nothing alive.</summary>
    public void Clear()
    {
        Next = null;
        RunningIndex = 0;
        Memory = default;
        _array = [];
        _offset = 0;
        Capacity = 0;
        End = 0;
    }

    /// <summary>Writes <paramref name="bytes"/> behind what is filled; they must fit.</summary>
    public void Fill(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(WritableSpan);
        SetEnd(End + bytes.Length);
    }

    private void SetEnd(int end)
    {
        Debug.Assert(end <= Capacity, "A segment was filled past its block.");
        End = end;
        Memory = new Memory<byte>(_array, _offset, end);
    }
}
