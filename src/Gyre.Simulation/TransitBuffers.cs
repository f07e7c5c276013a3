using System.Diagnostics;
using Gyre.Drivers;

namespace Gyre.Simulation;

/// <summary>The receive buffers of one driver. A returned one is overwritten, and returning one twice is an error.</summary>
[DebuggerDisplay("{Held} of {count} held")]
internal sealed class TransitBuffers(int count, int bytes) : IReceivedBufferOwner
{
    private const byte Stale = 0xDD;

    private readonly List<byte[]> _arrays = [];
    private readonly List<bool> _isLent = [];
    private readonly Stack<int> _free = new();

    public int Held { get; private set; }

    /// <summary>A buffer with room for <paramref name="length"/> bytes; fill it through its array.</summary>
    public ReceivedBuffer Lend(int length)
    {
        if (!_free.TryPop(out int token))
        {
            token = _arrays.Count;
            _arrays.Add(new byte[bytes]);
            _isLent.Add(false);
        }

        _isLent[token] = true;
        Held++;
        return new ReceivedBuffer(_arrays[token], 0, length, this, token, isScarce: Held > count / 2);
    }

    public void Return(int token)
    {
        if (!_isLent[token])
        {
            throw new InvalidOperationException("A receive buffer was returned twice; each is returned exactly once.");
        }

        _isLent[token] = false;
        _arrays[token].AsSpan().Fill(Stale);
        _free.Push(token);
        Held--;
    }

    /// <summary>Fails when a buffer that was lent as scarce is still held after the handler returned.</summary>
    public void VerifyReturned(in ReceivedBuffer buffer, int heldBefore)
    {
        if (buffer.IsScarce && Held > heldBefore)
        {
            throw new InvalidOperationException(
                $"A scarce receive buffer was kept. When {nameof(ReceivedBuffer.IsScarce)} is set, copy the bytes and return it in the handler.");
        }
    }
}
