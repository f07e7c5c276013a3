using System.Buffers;
using Gyre.Buffers;

namespace Gyre.Net;

/// <summary>The unread bytes: a list of segments of the loop's pool.</summary>
internal abstract partial class LoopPipeReader<TConnection>
{
    private int _headIndex;
    private long _examined;

    protected BufferSegment? Head { get; private set; }

    protected BufferSegment? Tail { get; private set; }

    /// <summary>Unread bytes.</summary>
    protected long Buffered { get; private set; }

    /// <summary>The unread bytes of the first segment.</summary>
    protected ReadOnlySpan<byte> First => Head!.Memory.Span[_headIndex..];

    private ReadOnlySequence<byte> Unread =>
        Head is null ? ReadOnlySequence<byte>.Empty : new ReadOnlySequence<byte>(Head, _headIndex, Tail!, Tail!.End);

    /// <summary>Drops what has arrived and wasn't read.</summary>
    /// <exception cref="InvalidOperationException">A read is under way, or wasn't ended.</exception>
    public void DiscardBuffered()
    {
        VerifyReadable();
        _examined = 0;
        if (Buffered > 0)
        {
            Consume(Buffered);
        }
    }

    /// <summary>Adds an empty or a full segment behind the others.</summary>
    protected void AddSegment(BufferSegment segment)
    {
        Tail?.Append(segment);
        Head ??= segment;
        Tail = segment;
    }

    /// <summary>Bytes were put into the last segment, or came with it.</summary>
    protected void Count(int bytes) => Buffered += bytes;

    /// <summary>Puts a segment with the same unread bytes in the place of the first.</summary>
    protected void ReplaceHead(BufferSegment segment)
    {
        BufferSegment replaced = Head!;
        BufferSegment? rest = replaced.NextSegment;
        Head = null;
        Tail = null;
        _headIndex = 0;
        AddSegment(segment);
        while (rest is not null)
        {
            BufferSegment? next = rest.NextSegment;
            rest.Detach();
            AddSegment(rest);
            rest = next;
        }

        Release(replaced);
    }

    protected int CopyOut(Span<byte> destination)
    {
        int copied = 0;
        while (copied < destination.Length && Head is not null)
        {
            ReadOnlySpan<byte> available = First;
            int count = Math.Min(available.Length, destination.Length - copied);
            available[..count].CopyTo(destination[copied..]);
            copied += count;
            _examined = 0;
            Consume(count);
        }

        return copied;
    }

    /// <summary>Gives everything back.</summary>
    protected void ReleaseAll()
    {
        while (Head is { } segment)
        {
            Head = segment.NextSegment;
            Release(segment);
        }

        Tail = null;
        _headIndex = 0;
        Buffered = 0;
        _examined = 0;
    }

    /// <summary>A segment holds nothing that is unread.</summary>
    protected virtual void Release(BufferSegment segment) => loop.Buffers.Return(segment);

    /// <summary>A reader has taken some of the bytes.</summary>
    protected virtual void OnConsumed()
    {
    }

    private void Advance(SequencePosition consumed, SequencePosition examined)
    {
        if (Head is null)
        {
            return;
        }

        long consumedBytes = OffsetOf(consumed);
        long examinedBytes = OffsetOf(examined);
        if (consumedBytes < 0 || consumedBytes > examinedBytes || examinedBytes > Buffered)
        {
            throw new ArgumentOutOfRangeException(
                nameof(examined),
                $"Consumed {consumedBytes} and examined {examinedBytes} of {Buffered} bytes; need consumed ≤ examined ≤ buffered, " +
                "and positions of the last read.");
        }

        _examined = examinedBytes;
        Consume(consumedBytes);
    }

    private long OffsetOf(SequencePosition position) =>
        position.GetObject() is BufferSegment segment
            ? segment.RunningIndex + position.GetInteger() - (Head!.RunningIndex + _headIndex)
            : 0;

    private void Consume(long bytes)
    {
        Buffered -= bytes;
        _examined = Math.Max(0, _examined - bytes);
        if (Buffered == 0)
        {
            ReleaseAll();
        }
        else
        {
            while (bytes > 0)
            {
                BufferSegment segment = Head!;
                int available = segment.End - _headIndex;
                if (bytes < available)
                {
                    _headIndex += (int)bytes;
                    break;
                }

                bytes -= available;
                Head = segment.NextSegment;
                _headIndex = 0;
                Release(segment);
            }
        }

        OnConsumed();
    }
}
