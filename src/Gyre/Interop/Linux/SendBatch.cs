using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Gyre.Interop.Linux;

/// <summary>A message header and its vectors in native memory, for sending several segments with one call.</summary>
internal sealed unsafe class SendBatch
{
    /// <summary>Vectors of one message: 64 segments of 4 KiB are 256 KiB, more than a socket's usual send buffer.</summary>
    private const int VectorsMax = 64;

    private MsgHdr* _message;

    public SendBatch()
    {
        _message = (MsgHdr*)NativeMemory.AllocZeroed((nuint)(sizeof(MsgHdr) + (VectorsMax * sizeof(IoVec))));
        _message->Vectors = (IoVec*)(_message + 1);
    }

    ~SendBatch() => Free();

    /// <summary>Points the vectors at as many segments of pinned memory as fit; bytes behind them are for the next call.</summary>
    public MsgHdr* Fill(in ReadOnlySequence<byte> data)
    {
        int count = 0;
        foreach (ReadOnlyMemory<byte> memory in data)
        {
            if (count == VectorsMax)
            {
                break;
            }

            if (memory.Length > 0)
            {
                IoVec* vector = _message->Vectors + count++;
                vector->Base = Unsafe.AsPointer(ref MemoryMarshal.GetReference(memory.Span));
                vector->Length = (nuint)memory.Length;
            }
        }

        _message->VectorCount = (nuint)count;
        return _message;
    }

    /// <summary>Frees the memory; the kernel must be done with it.</summary>
    public void Free()
    {
        MsgHdr* message = _message;
        _message = null;
        NativeMemory.Free(message);
        GC.SuppressFinalize(this);
    }
}
