namespace Gyre.Http.Protocol;

/// <summary>
/// The head. Nearly every head arrives whole: it is then read where it lies and copied to the store in one piece.
/// Otherwise its bytes are gathered in the store line by line, and each line is read there once it is complete. Positions
/// count from the start of the message in both cases, so what was read in the one way stays valid in the other.
/// </summary>
public sealed partial class RequestReader
{
    private ReaderEvent ReadHead(ReadOnlySpan<byte> input, out int consumed)
    {
        consumed = 0;
        if (_store.Length > 0)
        {
            return ReadHeadGathered(input, ref consumed);
        }

        LineOutcome outcome = ParseHead(input, out LineFault fault);
        switch (outcome)
        {
            case LineOutcome.BlockEnded:
                consumed = _position;
                _store.Append(input[.._position]);
                return FinishHead();
            case LineOutcome.Incomplete:
                consumed = input.Length;
                _store.Append(input);
                return ReaderEvent.NeedData;
            default:
                _asksForHead = AsksForHead(input);
                return Fail(fault, input);
        }
    }

    private static bool AsksForHead(ReadOnlySpan<byte> text) => text.StartsWith("HEAD "u8) || text.StartsWith("\r\nHEAD "u8);

    private ReaderEvent ReadHeadGathered(ReadOnlySpan<byte> input, ref int consumed)
    {
        while (consumed < input.Length)
        {
            if (!TakeLine(_store, input, ref consumed) && !IsTlsHandshake(_store.Written))
            {
                break;
            }

            switch (ParseHead(_store.Written, out LineFault fault))
            {
                case LineOutcome.BlockEnded:
                    return FinishHead();
                case LineOutcome.Fault:
                    return Fail(fault, _store.Written);
            }
        }

        return ReaderEvent.NeedData;
    }

    private bool IsTlsHandshake(ReadOnlySpan<byte> text) =>
        _state != ReaderState.Headers && RequestLineParser.IsTlsHandshake(text[_position..]);

    private LineOutcome ParseHead(ReadOnlySpan<byte> text, out LineFault fault)
    {
        int start = _position;
        while (_state != ReaderState.Headers)
        {
            LineOutcome outcome = ParseFirstLine(text, out fault);
            if (outcome != LineOutcome.BlockEnded)
            {
                BytesExamined += text.Length - start;
                return outcome;
            }
        }

        BlockLimits limits = new(_blockEnd, _limits.HeaderCountMax, ProtocolFault.HeaderBlockTooLarge);
        LineOutcome headers = FieldLineParser.Parse(text, ref _position, limits, Head.Headers, out fault);
        BytesExamined += (headers == LineOutcome.BlockEnded ? _position : text.Length) - start;
        return headers;
    }

    // RFC 9112 section 2.2: "at least one" empty line before a request line is to be ignored; the table says how many.
    private LineOutcome ParseFirstLine(ReadOnlySpan<byte> text, out LineFault fault)
    {
        ReadOnlySpan<byte> rest = text[_position..];
        int length = rest.IndexOf(ByteClasses.LineFeed) + 1;
        int end = _position + length;
        if (length == 0 || end > _blockEnd)
        {
            if (IsTlsHandshake(text))
            {
                fault = RequestLineParser.TlsHandshakeAt(_position);
                return LineOutcome.Fault;
            }

            if (length == 0 && text.Length < _blockEnd)
            {
                fault = default;
                return LineOutcome.Incomplete;
            }

            // At least a whole limit's worth is here, so that how much more is can't make a difference.
            int shown = Math.Min(_limits.MethodBytesMax + 1, _limits.RequestLineBytesMax);
            bool isMethodTooLong = rest[..shown].IndexOfAnyExcept(ByteClasses.Token) < 0;
            fault = new LineFault(isMethodTooLong ? ProtocolFault.MethodTooLong : ProtocolFault.RequestLineTooLong);
            return LineOutcome.Fault;
        }

        if (length == 2 && rest[0] == ByteClasses.CarriageReturn)
        {
            return SkipBlankLine(end, out fault);
        }

        fault = RequestLineParser.Parse(text, _position, end, _limits, Head);
        if (fault.Fault != ProtocolFault.None)
        {
            return LineOutcome.Fault;
        }

        Step(ReaderStep.RequestLine);
        _position = end;
        _blockEnd = end + _limits.HeaderBlockBytesMax;
        return LineOutcome.BlockEnded;
    }

    private LineOutcome SkipBlankLine(int end, out LineFault fault)
    {
        if (ReaderStateTable.Next(_state, ReaderStep.BlankLine) == ReaderState.Failed)
        {
            fault = new LineFault(ProtocolFault.BlankLines);
            return LineOutcome.Fault;
        }

        Step(ReaderStep.BlankLine);
        _position = end;
        _blockEnd = end + _limits.RequestLineBytesMax;
        fault = default;
        return LineOutcome.BlockEnded;
    }

    private ReaderEvent FinishHead()
    {
        LineFault fault = HeadRules.Apply(Head);
        if (fault.Fault != ProtocolFault.None)
        {
            return Fail(fault, _store.Written);
        }

        Step(Head.Framing switch
        {
            BodyFraming.Length => ReaderStep.HeadWithLength,
            BodyFraming.Chunked => ReaderStep.HeadWithChunks,
            _ => ReaderStep.HeadWithoutBody,
        });
        _bodyRemaining = Math.Max(Head.ContentLengthOrMinusOne, 0);
        MessageCount++;
        return ReaderEvent.Head;
    }
}
