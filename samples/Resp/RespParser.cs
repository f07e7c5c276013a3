using System.Buffers;
using System.Buffers.Text;
using Gyre.Generators;

namespace Gyre.Samples.Resp;

/// <summary>
/// RESP2, the wire format of Redis, as a generator that does no IO: it yields a value or asks for bytes, and is sent bytes. Who
/// drives it decides where they come from.
/// </summary>
/// <remarks>
/// A value is a generator of its own, and an array delegates to one for each of its values. The offsets in errors, and the
/// errors themselves, don't depend on how the input was cut.
/// </remarks>
public sealed class RespParser
{
    private readonly RespInput _input = new();
    private readonly RespOptions _options;
    private long _messageAt;

    private RespParser(RespOptions options) => _options = options;

    /// <summary>
    /// Makes a parser, for one input. When it yields a value, go on with <c>Next</c>; when it needs bytes, with <c>Send</c>,
    /// empty at the end. It copies them and returns the number of values.
    /// </summary>
    /// <remarks>Driving it throws <see cref="RespException"/> for what isn't RESP; it has ended then.</remarks>
    public static Generator<RespEvent, ReadOnlySequence<byte>, long> Create(RespOptions? options = null) =>
        Generator.Create<RespEvent, ReadOnlySequence<byte>, long>(new RespParser(options ?? new RespOptions()).ReadAll, "the RESP parser");

    private async GeneratorBody<long> ReadAll(GeneratorFlow<RespEvent, ReadOnlySequence<byte>> g)
    {
        for (long count = 0; ;)
        {
            _messageAt = _input.Position;
            while (_input.Length == 0)
            {
                ReadOnlySequence<byte> sent = await g.Yield(RespEvent.NeedsBytes);
                if (sent.IsEmpty)
                {
                    return count;
                }

                _input.Append(sent);
            }

            bool isInline = _options.AllowInline && !IsType(_input.First);
            RespValue? value = isInline ? await g.YieldFrom(Inline()) : await g.YieldFrom(Value(depth: 0));
            if (value is not null)
            {
                count++;
                _input.Append(await g.Yield(new RespEvent(value)));
            }
        }
    }

    /// <summary>A command as people type it; null for an empty line.</summary>
    private Generator<RespEvent, ReadOnlySequence<byte>, RespValue?> Inline() => Make<RespValue?>(async g =>
    {
        long at = _input.Position;
        int length;
        while ((length = FindLineEnd("an inline command")) < 0)
        {
            Append(await g.Yield(RespEvent.NeedsBytes), at, "an inline command");
        }

        return InlineCommand.Parse(TakeLine(length, mustHaveReturn: false), at);
    });

    private Generator<RespEvent, ReadOnlySequence<byte>, RespValue> Value(int depth) => Make(async g =>
    {
        long at = _input.Position;
        while (_input.Length == 0)
        {
            Append(await g.Yield(RespEvent.NeedsBytes), at, "an array");
        }

        string what = NameOf(_input.First, at);
        int length;
        while ((length = FindLineEnd(what)) < 0)
        {
            Append(await g.Yield(RespEvent.NeedsBytes), at, what);
        }

        // The line must not be held across a yield: the buffer may move.
        RespValue? scalar = ReadScalar(length, at, what, out char type, out int count);
        return scalar ?? (type == '$' ? await g.YieldFrom(Bulk(count, at)) : await g.YieldFrom(Array(count, at, depth)));
    });

    private Generator<RespEvent, ReadOnlySequence<byte>, RespValue> Bulk(int count, long at) => Make(async g =>
    {
        while (_input.Length < count + 2)
        {
            Append(await g.Yield(RespEvent.NeedsBytes), at, $"a bulk string of {count} bytes");
        }

        byte[] bytes = _input.Take(count).ToArray();
        ReadOnlySpan<byte> end = _input.Take(2);
        return end.SequenceEqual("\r\n"u8)
            ? RespValue.Bulk(bytes)
            : throw new RespException(at, $"a bulk string of {count} bytes is followed by {RespText.Show(end)}, not by CR LF.");
    });

    private Generator<RespEvent, ReadOnlySequence<byte>, RespValue> Array(int count, long at, int depth) => Make(async g =>
    {
        if (depth >= _options.ArrayDepthMax)
        {
            throw new RespException(at, $"arrays are nested deeper than {_options.ArrayDepthMax} levels.");
        }

        // Not made for as many as are announced: the peer has sent nothing of them yet.
        var items = new List<RespValue>();
        while (items.Count < count)
        {
            items.Add(await g.YieldFrom(Value(depth + 1)));
        }

        return RespValue.Array(items);
    });

    private static Generator<RespEvent, ReadOnlySequence<byte>, T> Make<T>(
        Func<GeneratorFlow<RespEvent, ReadOnlySequence<byte>>, GeneratorBody<T>> body) => Generator.Create(body, "a RESP value");

    private static bool IsType(byte first) => first is (byte)'+' or (byte)'-' or (byte)':' or (byte)'$' or (byte)'*';

    private static string NameOf(byte type, long at) => (char)type switch
    {
        '+' => "a simple string",
        '-' => "an error",
        ':' => "an integer",
        '$' => "a bulk string",
        '*' => "an array",
        _ => throw new RespException(at, $"{RespText.Show([type])} begins no value; one begins with +, -, :, $ or *."),
    };

    /// <summary>What the line says by itself; null for a bulk string or an array, with the count of what follows.</summary>
    private RespValue? ReadScalar(int length, long at, string what, out char type, out int count)
    {
        ReadOnlySpan<byte> line = TakeLine(length, mustHaveReturn: true, at, what);
        ReadOnlySpan<byte> rest = line[1..];
        type = (char)line[0];
        count = 0;
        switch (type)
        {
            case '+':
                return RespValue.Simple(rest.ToArray());
            case '-':
                return RespValue.Error(rest.ToArray());
            case ':':
                return RespValue.Integer(ReadNumber(rest, at, "an integer"));
            case '$':
                count = ReadCount(rest, at, "the length of a bulk string", _options.BulkBytesMax);
                VerifyMessage(count + 2L);
                return count < 0 ? RespValue.NullBulk : null;
            default:
                count = ReadCount(rest, at, "the count of an array", _options.ArrayItemsMax);
                return count < 0 ? RespValue.NullArray : null;
        }
    }

    private static long ReadNumber(ReadOnlySpan<byte> digits, long at, string what) =>
        Utf8Parser.TryParse(digits, out long number, out int used) && used == digits.Length
            ? number
            : throw new RespException(at, $"{what} is {RespText.Show(digits)}, not a number of 64 bits.");

    private static int ReadCount(ReadOnlySpan<byte> digits, long at, string what, int most)
    {
        long count = ReadNumber(digits, at, what);
        return count >= -1 && count <= most
            ? (int)count
            : throw new RespException(at, $"{what} is {count}; it is from 0 to {most}, or -1 for null.");
    }

    private void Append(in ReadOnlySequence<byte> sent, long at, string what)
    {
        if (sent.IsEmpty)
        {
            throw new RespException(at, $"the input ends in the middle of {what}.");
        }

        _input.Append(sent);
    }

    /// <summary>Bytes before the next LF; -1 when it hasn't come.</summary>
    private int FindLineEnd(string what)
    {
        int found = _input.FindLineFeed();
        int least = found < 0 ? _input.Length : found;
        return least <= _options.LineBytesMax + 1
            ? found
            : throw new RespException(_input.Position, $"the line of {what} is longer than {_options.LineBytesMax} bytes.");
    }

    private ReadOnlySpan<byte> TakeLine(int length, bool mustHaveReturn, long at = 0, string what = "")
    {
        VerifyMessage(length + 1L);
        ReadOnlySpan<byte> line = _input.Take(length + 1)[..length];
        bool hasReturn = line.EndsWith("\r"u8);
        if (!mustHaveReturn)
        {
            return hasReturn ? line[..^1] : line;
        }

        if (!hasReturn || line[..^1].Contains((byte)'\r'))
        {
            string trouble = hasReturn ? "has a CR in its middle" : "ends in LF without CR";
            throw new RespException(at, $"the line of {what}, {RespText.Show(line)}, {trouble}.");
        }

        return line[..^1];
    }

    /// <summary>Refuses a message that is too long once <paramref name="more"/> bytes of it are taken.</summary>
    private void VerifyMessage(long more)
    {
        if (_input.Position - _messageAt + more > _options.MessageBytesMax)
        {
            throw new RespException(_messageAt, $"the message is longer than {_options.MessageBytesMax} bytes.");
        }
    }
}
