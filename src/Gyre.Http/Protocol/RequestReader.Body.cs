namespace Gyre.Http.Protocol;

/// <summary>
/// The body: its bytes are never copied, only their place in the input is told. Chunk lines are read byte by byte
/// through <see cref="ChunkLineTable"/> and never kept; trailers are gathered like a head that arrives in pieces.
/// </summary>
public sealed partial class RequestReader
{
    private const int ChunkDigitsMax = 16;

    private ChunkLineState _chunkLine;
    private int _chunkDigits;
    private long _chunkSize;
    private int _extensionBytes;

    // Of the whole body when it has a length, else of the current chunk.
    private long _bodyRemaining;
    private long _chunkedBytes;
    private bool _isCarriageReturnSeen;

    private void PrepareBody()
    {
        _chunkLine = ChunkLineState.SizeFirst;
        _chunkDigits = 0;
        _chunkSize = 0;
        _extensionBytes = 0;
        _bodyRemaining = 0;
        _chunkedBytes = 0;
        _isCarriageReturnSeen = false;
    }

    private ReaderEvent ReadLengthBody(ReadOnlySpan<byte> input, out int consumed)
    {
        consumed = 0;
        if (Head.ContentLengthOrMinusOne > BodyBytesMax)
        {
            return Fail(ProtocolFault.BodyTooLarge, default);
        }

        return ReadData(input, ref consumed, ReaderStep.BodyDone);
    }

    private ReaderEvent ReadData(ReadOnlySpan<byte> input, ref int consumed, ReaderStep whenDone)
    {
        int length = (int)Math.Min(_bodyRemaining, input.Length - consumed);
        if (length == 0)
        {
            return ReaderEvent.NeedData;
        }

        _dataStart = consumed;
        _dataLength = length;
        consumed += length;
        _bodyRemaining -= length;
        if (_bodyRemaining == 0)
        {
            Step(whenDone);
        }

        return ReaderEvent.Data;
    }

    private ReaderEvent ReadChunks(ReadOnlySpan<byte> input, out int consumed)
    {
        consumed = 0;
        while (consumed < input.Length)
        {
            ReaderEvent found = _state switch
            {
                ReaderState.ChunkLine => ReadChunkLine(input, ref consumed),
                ReaderState.ChunkData => ReadData(input, ref consumed, ReaderStep.ChunkFilled),
                ReaderState.ChunkDataEnd => ReadChunkDataEnd(input, ref consumed),
                _ => ReadTrailers(input, ref consumed),
            };
            if (found != ReaderEvent.NeedData)
            {
                return found;
            }
        }

        return ReaderEvent.NeedData;
    }

    private ReaderEvent ReadChunkLine(ReadOnlySpan<byte> input, ref int consumed)
    {
        while (consumed < input.Length)
        {
            byte b = input[consumed++];
            BytesExamined++;
            ChunkLineState next = ChunkLineTable.Next(_chunkLine, b);
            if (next == ChunkLineState.Refused)
            {
                return Fail(ChunkLineTable.FaultOf(_chunkLine, b), input.Slice(consumed - 1, 1));
            }

            _chunkLine = next;
            if (next == ChunkLineState.Size)
            {
                ProtocolFault fault = AddSizeDigit(b);
                if (fault != ProtocolFault.None)
                {
                    return Fail(fault, default);
                }
            }
            else if (ChunkLineTable.IsExtension(next) && ++_extensionBytes > _limits.ChunkExtensionBytesMax)
            {
                return Fail(ProtocolFault.ChunkExtensionsTooLarge, default);
            }
            else if (next == ChunkLineState.Done)
            {
                return OpenChunk();
            }
        }

        return ReaderEvent.NeedData;
    }

    // RFC 9112 section 7.1: overflow must not happen. Leading zeros are allowed, but the digits are counted, or a line
    // of zeros would have no end.
    private ProtocolFault AddSizeDigit(byte digit)
    {
        if (++_chunkDigits > ChunkDigitsMax)
        {
            return ProtocolFault.ChunkSizeInvalid;
        }

        if (_chunkSize > long.MaxValue >> 4)
        {
            return ProtocolFault.ChunkSizeOverflow;
        }

        int value = digit <= (byte)'9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
        _chunkSize = (_chunkSize << 4) | (uint)value;
        return ProtocolFault.None;
    }

    private ReaderEvent OpenChunk()
    {
        if (_chunkSize > BodyBytesMax - _chunkedBytes)
        {
            return Fail(ProtocolFault.BodyTooLarge, default);
        }

        _bodyRemaining = _chunkSize;
        _chunkedBytes += _chunkSize;
        _chunkLine = ChunkLineState.SizeFirst;
        _chunkDigits = 0;
        _chunkSize = 0;
        if (_bodyRemaining > 0)
        {
            Step(ReaderStep.ChunkOpened);
            return ReaderEvent.NeedData;
        }

        Step(ReaderStep.LastChunk);
        _position = 0;
        _blockEnd = _limits.TrailerBytesMax;
        return ReaderEvent.NeedData;
    }

    private ReaderEvent ReadChunkDataEnd(ReadOnlySpan<byte> input, ref int consumed)
    {
        byte expected = _isCarriageReturnSeen ? ByteClasses.LineFeed : ByteClasses.CarriageReturn;
        byte b = input[consumed++];
        if (b != expected)
        {
            return Fail(ProtocolFault.ChunkDataUnterminated, input.Slice(consumed - 1, 1));
        }

        _isCarriageReturnSeen = !_isCarriageReturnSeen;
        if (!_isCarriageReturnSeen)
        {
            Step(ReaderStep.ChunkClosed);
        }

        return ReaderEvent.NeedData;
    }

    private ReaderEvent ReadTrailers(ReadOnlySpan<byte> input, ref int consumed)
    {
        FieldSection trailers = Trailers;
        ByteStore store = _trailerStore!;
        if (!TakeLine(store, input, ref consumed))
        {
            return ReaderEvent.NeedData;
        }

        BlockLimits limits = new(_blockEnd, _limits.HeaderCountMax, ProtocolFault.TrailersTooLarge);
        BytesExamined += store.Length - _position;
        LineOutcome outcome = FieldLineParser.Parse(store.Written, ref _position, limits, trailers, out LineFault fault);
        if (outcome != LineOutcome.BlockEnded)
        {
            return outcome == LineOutcome.Incomplete ? ReaderEvent.NeedData : Fail(fault, store.Written);
        }

        for (int i = 0; i < trailers.Count && trailers.ContainsAny(TrailerRules.Forbidden); i++)
        {
            if (TrailerRules.IsForbidden(trailers.GetKnown(i)))
            {
                return Fail(ProtocolFault.TrailerForbidden, trailers.GetName(i));
            }
        }

        Step(ReaderStep.TrailersDone);
        return ReaderEvent.End;
    }
}
