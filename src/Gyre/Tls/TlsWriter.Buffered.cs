using Gyre.Buffers;

namespace Gyre.Tls;

/// <summary>The plain text on its way: open segments, which are being filled; committed ones, which wait; the one that is being encrypted.</summary>
internal sealed partial class TlsWriter
{
    /// <summary>Bytes of a segment at first: a page, which holds most responses.</summary>
    private const int SegmentBytes = 4096;

    /// <summary>What a TLS record holds at the most (RFC 8446, section 5.1): a first segment grows to this, further ones begin so.</summary>
    private const int RecordBytes = 16 * 1024;

    private BufferSegment? _openHead;
    private BufferSegment? _openTail;
    private BufferSegment? _committedHead;
    private BufferSegment? _committedTail;
    private BufferSegment? _inFlight;

    /// <summary>
    /// Whether the caller may write to the free part of the last open segment: set when memory is got, cleared by the flush or
    /// completion behind it. Until then the block isn't given back, or the caller would write into what somebody else sends.
    /// </summary>
    private bool _leased;

    private BufferSegment Room(int sizeHint)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        int need = Math.Max(sizeHint, 1);
        BufferSegment? tail = _openTail;
        if (tail is not null && tail.Free >= need)
        {
            return tail;
        }

        bool isFirst = tail is null || (tail == _openHead && tail.Capacity < RecordBytes && tail.End + need <= RecordBytes);
        if (!isFirst)
        {
            BufferSegment next = _loop.Buffers.RentOwned(Math.Max(need, RecordBytes));
            tail!.Append(next);
            _openTail = next;
            return next;
        }

        BufferSegment first = _loop.Buffers.RentOwned(tail is null ? Math.Max(need, SegmentBytes) : RecordBytes);
        if (tail is not null)
        {
            first.Fill(tail.Memory.Span);
            _loop.Buffers.Return(tail);
        }

        _openHead = _openTail = first;
        return first;
    }

    /// <summary>What is open becomes committed and is encrypted, as far as the connection has room.</summary>
    private void Commit()
    {
        _leased = false;
        _unflushed = 0;
        while (_openHead is { } segment)
        {
            _openHead = segment.NextSegment;
            segment.Detach();
            if (segment.End == 0 || IsBroken)
            {
                _loop.Buffers.Return(segment);
                continue;
            }

            _committedTail?.Append(segment);
            _committedHead ??= segment;
            _committedTail = segment;
        }

        _openTail = null;
        EncryptCommitted();
    }

    private BufferSegment? TakeCommitted()
    {
        if (_committedHead is not { } segment)
        {
            return null;
        }

        _committedHead = segment.NextSegment;
        if (_committedHead is null)
        {
            _committedTail = null;
        }

        segment.Detach();
        return segment;
    }

    private void ReturnInFlight()
    {
        if (_inFlight is { } segment)
        {
            _inFlight = null;
            _loop.Buffers.Return(segment);
        }
    }

    private void DropUnsent()
    {
        while (TakeCommitted() is { } segment)
        {
            _loop.Buffers.Return(segment);
        }

        if (_leased)
        {
            return;
        }

        while (_openHead is { } segment)
        {
            _openHead = segment.NextSegment;
            _loop.Buffers.Return(segment);
        }

        _openTail = null;
        _unflushed = 0;
    }
}
