using Gyre.Http.Fuzz.Engine;
using Gyre.Http.Protocol;

namespace Gyre.Http.Fuzz.References;

/// <summary>
/// What must hold for a reader whatever the bytes: any split gives the same account, an accepted head written again reads the
/// same, the bytes of a message add up, a careless reader sees the same framing, and work is linear.
/// </summary>
internal sealed class ReaderOracles
{
    private const int PiecesMax = 40;
    private const int SplitsRandom = 2;

    private readonly ReaderAccount _whole;
    private readonly ReaderAccount _split;
    private readonly ReaderAccount _again;
    private byte[] _input = [];
    private byte[] _rewritten = new byte[1024];
    private long _messageStart;
    private long _bodyStart;

    internal ReaderOracles(HttpLimits limits)
    {
        _whole = new ReaderAccount(limits) { OnHead = JudgeHead, OnEnd = JudgeEnd };
        _split = new ReaderAccount(limits);
        _again = new ReaderAccount(limits) { OnHead = JudgeAgain };
    }

    internal void Run(ReadOnlySpan<byte> input)
    {
        _input = input.ToArray();
        _messageStart = 0;
        long before = _whole.Reader.BytesExamined;
        _whole.Begin();
        _whole.Feed(input);
        _whole.Finish();
        JudgeWork(_whole, before, input.Length);
        RunSplit(input, 1, 1);
        Random random = new(Checksum(input));
        for (int i = 0; i < SplitsRandom; i++)
        {
            RunSplit(input, random.Next(1, PiecesMax), PiecesMax, random);
        }
    }

    private void RunSplit(ReadOnlySpan<byte> input, int least, int most, Random? random = null)
    {
        long before = _split.Reader.BytesExamined;
        _split.Begin();
        for (int at = 0; at < input.Length;)
        {
            int size = Math.Min(random?.Next(least, most + 1) ?? least, input.Length - at);
            _split.Feed(input.Slice(at, size));
            at += size;
        }

        _split.Finish();
        JudgeWork(_split, before, input.Length);
        Verify.SameBytes(_whole.Text, _split.Text, "a split changes what is read");
    }

    private static void JudgeWork(ReaderAccount account, long before, int length) =>
        Verify.That(account.Reader.BytesExamined - before <= (3L * length) + 200, "bytes are looked at more than three times");

    private void JudgeHead(RequestHead head, long end)
    {
        _bodyStart = end;
        ReadOnlySpan<byte> raw = _input.AsSpan((int)_messageStart, (int)(end - _messageStart));
        Verify.That(raw.EndsWith("\r\n\r\n"u8), "a head doesn't end in an empty line");
        CarelessReader.JudgeFraming(raw, head);
        ReadOnlySpan<byte> rewritten = Rewrite(head);
        _again.Begin();
        _again.Feed(rewritten);
        Verify.Same(1, _again.MessageCount, "an accepted head is refused when it is written again");
    }

    // While the first reader still holds its head.
    private void JudgeAgain(RequestHead again, long end)
    {
        RequestHead head = _whole.Reader.Head;
        const string Kind = "a head written again reads otherwise";
        Verify.SameBytes(head.MethodSpan, again.MethodSpan, Kind);
        Verify.SameBytes(head.TargetSpan, again.TargetSpan, Kind);
        Verify.SameBytes(head.PathSpan, again.PathSpan, Kind);
        Verify.SameBytes(head.QuerySpan, again.QuerySpan, Kind);
        Verify.SameBytes(head.AuthoritySpan, again.AuthoritySpan, Kind);
        Verify.Same((head.Method, head.Version, head.TargetForm), (again.Method, again.Version, again.TargetForm), Kind);
        Verify.Same((head.Framing, head.ContentLength, head.KeepAlive), (again.Framing, again.ContentLength, again.KeepAlive), Kind);
        Verify.Same((head.ExpectContinue, head.IsUpgrade), (again.ExpectContinue, again.IsUpgrade), Kind);
        Verify.Same(head.Headers.Count, again.Headers.Count, Kind);
        for (int i = 0; i < head.Headers.Count; i++)
        {
            Verify.Same(head.Headers.GetKnown(i), again.Headers.GetKnown(i), Kind);
            Verify.SameBytes(head.Headers.GetName(i), again.Headers.GetName(i), Kind);
            Verify.SameBytes(head.Headers.GetValue(i), again.Headers.GetValue(i), Kind);
        }
    }

    private ReadOnlySpan<byte> Rewrite(RequestHead head)
    {
        int length = 0;
        Append(ref length, head.MethodSpan);
        Append(ref length, " "u8);
        Append(ref length, head.TargetSpan);
        Append(ref length, head.Version == ProtocolVersion.Http10 ? " HTTP/1.0\r\n"u8 : " HTTP/1.1\r\n"u8);
        foreach (FieldLine line in head.Headers)
        {
            Append(ref length, line.Name);
            Append(ref length, ":"u8);
            Append(ref length, line.Value);
            Append(ref length, "\r\n"u8);
        }

        Append(ref length, "\r\n"u8);
        return _rewritten.AsSpan(0, length);
    }

    private void Append(ref int length, ReadOnlySpan<byte> bytes)
    {
        if (length + bytes.Length > _rewritten.Length)
        {
            Array.Resize(ref _rewritten, (length + bytes.Length) * 2);
        }

        bytes.CopyTo(_rewritten.AsSpan(length));
        length += bytes.Length;
    }

    private void JudgeEnd(RequestReader reader, long end, long dataBytes)
    {
        RequestHead head = reader.Head;
        long expected = head.Framing switch
        {
            BodyFraming.Length => _bodyStart + head.ContentLength!.Value,
            BodyFraming.Chunked => _bodyStart + CarelessReader.ChunkedLength(_input.AsSpan((int)_bodyStart), out long body) + Difference(body, dataBytes),
            _ => _bodyStart,
        };
        Verify.Same(expected, end, "the next message begins elsewhere");
        Verify.That(head.Framing != BodyFraming.Length || dataBytes == head.ContentLength, "a body has another length than announced");
        Verify.That(head.Framing != BodyFraming.None || dataBytes == 0, "a body was found where there is none");
        Verify.That(reader.Trailers.Count == 0 || head.Framing == BodyFraming.Chunked, "there are trailers without chunks");
        _messageStart = end;
    }

    private static long Difference(long body, long dataBytes)
    {
        Verify.Same(body, dataBytes, "chunks hold another number of bytes");
        return 0;
    }

    internal static int Checksum(ReadOnlySpan<byte> input)
    {
        int sum = 17;
        foreach (byte b in input)
        {
            sum = unchecked((sum * 31) + b);
        }

        return sum;
    }
}
