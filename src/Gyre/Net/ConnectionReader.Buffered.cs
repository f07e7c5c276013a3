using Gyre.Buffers;
using Gyre.Loop;

namespace Gyre.Net;

/// <summary>The unread bytes: a list of segments, the first of which may be a buffer of the driver that is only passing through.</summary>
internal sealed partial class ConnectionReader
{
    private int CopyOut(Span<byte> destination)
    {
        int copied = 0;
        while (copied < destination.Length && _head is not null)
        {
            ReadOnlySpan<byte> available = _head.Memory.Span[_headIndex..];
            int count = Math.Min(available.Length, destination.Length - copied);
            available[..count].CopyTo(destination[copied..]);
            copied += count;
            _examined = 0;
            Consume(count);
        }

        return copied;
    }

    private long OffsetOf(SequencePosition position) =>
        position.GetObject() is BufferSegment segment
            ? segment.RunningIndex + position.GetInteger() - (_head!.RunningIndex + _headIndex)
            : 0;

    /// <summary>Gives everything back.</summary>
    private void ReleaseAll()
    {
        while (_head is { } segment)
        {
            _head = segment.NextSegment;
            Release(segment);
        }

        _tail = null;
        _headIndex = 0;
        _buffered = 0;
        _examined = 0;
    }

    private void Consume(long bytes)
    {
        _buffered -= bytes;
        _examined = Math.Max(0, _examined - bytes);
        if (_buffered == 0)
        {
            ReleaseAll();
        }
        else
        {
            while (bytes > 0)
            {
                BufferSegment segment = _head!;
                int available = segment.End - _headIndex;
                if (bytes < available)
                {
                    _headIndex += (int)bytes;
                    break;
                }

                bytes -= available;
                _head = segment.NextSegment;
                _headIndex = 0;
                Release(segment);
            }
        }

        if (_isBorrowing && !_willSettle)
        {
            _willSettle = true;
            _loop.FlushAtEndOfTurn(this);
        }

        if (_buffered < ResumeBytes && _started && !_receiving)
        {
            StartReceiving();
        }
    }

    /// <summary>
    /// The reader left something of a borrowed buffer in this turn. Unless it looks at it again by now, which an
    /// <see cref="AdvanceTo(SequencePosition, SequencePosition)"/> will end, the buffer goes back.
    /// </summary>
    void IFlushable.FlushAtEndOfTurn()
    {
        _willSettle = false;
        if (!_reading)
        {
            Settle();
        }
    }

    /// <summary>What a reader left of a borrowed buffer moves to the connection's own memory.</summary>
    private void Settle()
    {
        if (!_isBorrowing)
        {
            return;
        }

        BufferSegment borrowed = _head!;
        BufferSegment? rest = borrowed.NextSegment;
        ReadOnlySpan<byte> leftover = borrowed.Memory.Span[_headIndex..];
        BufferSegment own = _loop.Buffers.RentOwned(leftover.Length);
        own.Fill(leftover);
        _head = own;
        _headIndex = 0;
        _tail = own;
        while (rest is not null)
        {
            BufferSegment? next = rest.NextSegment;
            rest.Detach();
            _tail.Append(rest);
            _tail = rest;
            rest = next;
        }

        Release(borrowed);
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            if (_tail is null || !_tail.IsOwned || _tail.Free == 0)
            {
                BufferSegment segment = _loop.Buffers.RentOwned(_tail is null ? bytes.Length : Math.Max(bytes.Length, 4096));
                _tail?.Append(segment);
                _head ??= segment;
                _tail = segment;
            }

            int count = Math.Min(bytes.Length, _tail.Free);
            _tail.Fill(bytes[..count]);
            bytes = bytes[count..];
        }
    }

    private void Release(BufferSegment segment)
    {
        if (!segment.IsOwned && _isBorrowing)
        {
            _isBorrowing = false;
            _borrowed.Return();
            _borrowed = default;
        }

        _loop.Buffers.Return(segment);
    }
}
