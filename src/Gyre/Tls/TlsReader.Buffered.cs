using Gyre.Buffers;

namespace Gyre.Tls;

/// <summary>The plain text that was decrypted and not yet consumed: a list of segments of the loop's pool.</summary>
internal sealed partial class TlsReader
{
    /// <summary>Bytes of a segment at first: a page, which holds most requests.</summary>
    private const int SegmentBytes = 4096;

    /// <summary>Bytes of a segment when the last one was filled to the brim: the most that a TLS record holds.</summary>
    private const int FullSegmentBytes = 16 * 1024;

    /// <summary>What was announced is decrypted into a segment; returns what to throw instead when there is nothing.</summary>
    private Exception? Receive()
    {
        if (_ready && !connection.IsClosingHere)
        {
            BufferSegment room = Room();
            int free = room.Free;
            int count = Take(room.Writable);
            _filledLast = count == free;
            room.Advance(count);
            _buffered += count;
            if (_buffered == 0)
            {
                ReleaseAll();
            }
        }

        return PendingError;
    }

    private BufferSegment Room()
    {
        // A little room at the end of a block isn't worth a read of its own.
        if (_tail is { Free: >= SegmentBytes / 4 } tail)
        {
            return tail;
        }

        BufferSegment segment = _loop.Buffers.RentOwned(_filledLast ? FullSegmentBytes : SegmentBytes);
        _tail?.Append(segment);
        _head ??= segment;
        _tail = segment;
        return segment;
    }

    /// <summary>Reads what is there; returns what to throw instead when there is nothing.</summary>
    private Exception? TryCopyOut(Memory<byte> destination, out int copied)
    {
        copied = 0;
        if (_cancelPending)
        {
            _cancelPending = false;
            return new OperationCanceledException($"CancelPendingRead ended a read of {connection}.");
        }

        if (_buffered > 0)
        {
            copied = CopyOut(destination.Span);
        }
        else if (_ready && !connection.IsClosingHere && !destination.IsEmpty)
        {
            copied = Take(destination);
        }

        return copied == 0 && !(_ready && destination.IsEmpty) ? PendingError : null;
    }

    private int CopyOut(Span<byte> destination)
    {
        int copied = 0;
        while (copied < destination.Length && _head is not null)
        {
            ReadOnlySpan<byte> available = _head.Memory.Span[_headIndex..];
            int count = Math.Min(available.Length, destination.Length - copied);
            available[..count].CopyTo(destination[copied..]);
            copied += count;
            Consume(count);
        }

        return copied;
    }

    private long OffsetOf(SequencePosition position) =>
        position.GetObject() is BufferSegment segment
            ? segment.RunningIndex + position.GetInteger() - (_head!.RunningIndex + _headIndex)
            : 0;

    private void Consume(long bytes)
    {
        _buffered -= bytes;
        _examined = Math.Max(0, _examined - bytes);
        if (_buffered == 0)
        {
            ReleaseAll();
            return;
        }

        while (bytes > 0)
        {
            BufferSegment segment = _head!;
            int available = segment.End - _headIndex;
            if (bytes < available)
            {
                _headIndex += (int)bytes;
                return;
            }

            bytes -= available;
            _head = segment.NextSegment;
            _headIndex = 0;
            _loop.Buffers.Return(segment);
        }
    }

    /// <summary>Gives everything back.</summary>
    private void ReleaseAll()
    {
        while (_head is { } segment)
        {
            _head = segment.NextSegment;
            _loop.Buffers.Return(segment);
        }

        _tail = null;
        _headIndex = 0;
        _buffered = 0;
        _examined = 0;
    }
}
