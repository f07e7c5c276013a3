using System.Buffers.Text;
using System.Text;
using Gyre.Http.Fuzz.Engine;
using Gyre.Http.Protocol;

namespace Gyre.Http.Fuzz.References;

/// <summary>
/// What a reader said about bytes fed to it in pieces, as bytes that can be compared: heads, data joined, ends with the place
/// where they were, errors. Reused; writing it allocates nothing once it has its size.
/// </summary>
internal sealed class ReaderAccount(HttpLimits limits)
{
    private const int EventsMax = 1_000_000;

    private readonly RequestReader _reader = new(limits);
    private byte[] _text = new byte[4096];
    private byte[] _piece = new byte[4096];
    private int _length;
    private long _consumed;
    private long _dataBytes;
    private int _dataMark;
    private int _events;

    internal bool IsFailed { get; private set; }

    internal ReadOnlySpan<byte> Text => _text.AsSpan(0, _length);

    internal RequestReader Reader => _reader;

    internal int MessageCount { get; private set; }

    /// <summary>Called at each head, with where the bytes behind it begin.</summary>
    internal Action<RequestHead, long>? OnHead { get; set; }

    /// <summary>Called at each end, with where the next message begins and how many bytes of body there were.</summary>
    internal Action<RequestReader, long, long>? OnEnd { get; set; }

    internal void Begin()
    {
        _reader.Recycle();
        _length = 0;
        _consumed = 0;
        _dataBytes = 0;
        _dataMark = -1;
        _events = 0;
        IsFailed = false;
        MessageCount = 0;
    }

    /// <summary>Offers a piece, copied and wiped afterwards: what the reader keeps must not depend on the input.</summary>
    internal void Feed(ReadOnlySpan<byte> input)
    {
        if (_piece.Length < input.Length)
        {
            _piece = new byte[input.Length * 2];
        }

        Span<byte> copy = _piece.AsSpan(0, input.Length);
        input.CopyTo(copy);
        ReadOnlySpan<byte> rest = copy;
        while (!IsFailed)
        {
            ReaderEvent found = _reader.Read(rest, out int consumed);
            Record(found, rest, consumed);
            if (found == ReaderEvent.Error)
            {
                break;
            }

            Verify.That(consumed >= 0 && consumed <= rest.Length, "consumed is out of range");
            rest = rest[consumed..];
            if (found == ReaderEvent.NeedData)
            {
                Verify.That(rest.IsEmpty, "NeedData left input behind");
                break;
            }

            Verify.That(++_events < EventsMax, "the reader goes round in circles");
        }

        copy.Clear();
    }

    internal void Finish()
    {
        if (IsFailed)
        {
            return;
        }

        ReaderEvent found = _reader.InputEnded();
        Verify.That(found is ReaderEvent.Closed or ReaderEvent.Error, "the end of input is neither closed nor an error");
        Record(found, default, 0);
    }

    private void Record(ReaderEvent found, ReadOnlySpan<byte> input, int consumed)
    {
        _consumed += found == ReaderEvent.Error ? 0 : consumed;
        switch (found)
        {
            case ReaderEvent.Head:
                MessageCount++;
                _dataBytes = 0;
                Describe(_reader.Head);
                Number('@', _consumed);
                OnHead?.Invoke(_reader.Head, _consumed);
                break;
            case ReaderEvent.Data:
                RecordData(input, consumed);
                break;
            case ReaderEvent.End:
                _dataMark = -1;
                Append("END"u8);
                Fields(_reader.Trailers);
                Number('@', _consumed);
                OnEnd?.Invoke(_reader, _consumed, _dataBytes);
                _reader.Reset();
                break;
            case ReaderEvent.Closed:
                Append("CLOSED"u8);
                break;
            case ReaderEvent.Error:
                RecordError();
                break;
        }
    }

    private void RecordData(ReadOnlySpan<byte> input, int consumed)
    {
        Verify.That(_reader.DataLength > 0 && _reader.DataOffset + _reader.DataLength <= consumed, "data lies outside what was consumed");
        if (_dataMark < 0)
        {
            Append("DATA "u8);
            _dataMark = _length;
        }

        _dataBytes += _reader.DataLength;
        Append(input[_reader.DataRange]);
    }

    private void RecordError()
    {
        IsFailed = true;
        ProtocolError error = _reader.Error!;
        Number('!', (int)error.Fault);
        Number('=', error.StatusCode);
        Append(Encoding.Latin1.GetBytes(error.Message));
        Verify.That(error.StatusCode is >= 400 and <= 505, "an error has no status of errors");
        Verify.Same(ReaderEvent.Error, _reader.Read("GET / HTTP/1.1\r\nHost: x\r\n\r\n"u8, out int consumed), "an error isn't final");
        Verify.Same(0, consumed, "an error consumes");
    }

    /// <summary>All that a head says.</summary>
    private void Describe(RequestHead head)
    {
        Append("HEAD "u8);
        Part('m', head.MethodSpan);
        Part('t', head.TargetSpan);
        Part('p', head.PathSpan);
        Part('q', head.QuerySpan);
        Part('a', head.AuthoritySpan);
        ReadOnlySpan<byte> facts =
        [
            (byte)head.Method, (byte)head.Version, (byte)head.TargetForm, (byte)head.Framing, head.KeepAlive ? (byte)1 : (byte)0,
            head.ExpectContinue ? (byte)1 : (byte)0, head.IsUpgrade ? (byte)1 : (byte)0,
        ];
        Append(facts);
        Number('l', head.ContentLength ?? -1);
        Fields(head.Headers);
    }

    private void Fields(FieldSection fields)
    {
        Number('n', fields.Count);
        foreach (FieldLine line in fields)
        {
            Number('k', (int)line.Known);
            Part(':', line.Name);
            Part('=', line.Value);
        }
    }

    private void Part(char mark, ReadOnlySpan<byte> bytes)
    {
        Number(mark, bytes.Length);
        Append(bytes);
    }

    private void Number(char mark, long number)
    {
        Span<byte> text = stackalloc byte[24];
        text[0] = (byte)mark;
        Utf8Formatter.TryFormat(number, text[1..], out int written);
        text[written + 1] = (byte)' ';
        Append(text[..(written + 2)]);
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        if (_length + bytes.Length > _text.Length)
        {
            Array.Resize(ref _text, Math.Max(_text.Length * 2, _length + bytes.Length));
        }

        bytes.CopyTo(_text.AsSpan(_length));
        _length += bytes.Length;
    }
}
