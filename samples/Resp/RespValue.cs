using System.Text;

namespace Gyre.Samples.Resp;

/// <summary>One value of RESP2. It prints as <c>redis-cli</c> shows it, an array on one line.</summary>
public sealed class RespValue
{
    private RespValue(RespKind kind, ReadOnlyMemory<byte> bytes, long number, IReadOnlyList<RespValue> items, bool isNull)
    {
        Kind = kind;
        Bytes = bytes;
        Number = number;
        Items = items;
        IsNull = isNull;
    }

    public static RespValue NullBulk { get; } = new(RespKind.BulkString, default, 0, [], isNull: true);

    public static RespValue NullArray { get; } = new(RespKind.Array, default, 0, [], isNull: true);

    public static RespValue Ok { get; } = Simple("OK"u8.ToArray());

    public RespKind Kind { get; }

    /// <summary>The text of a simple string or an error, the bytes of a bulk string.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>The number of an integer.</summary>
    public long Number { get; }

    /// <summary>The values of an array.</summary>
    public IReadOnlyList<RespValue> Items { get; }

    /// <summary>Whether it is the null bulk string or the null array.</summary>
    public bool IsNull { get; }

    public static RespValue Simple(ReadOnlyMemory<byte> text) => new(RespKind.SimpleString, text, 0, [], isNull: false);

    public static RespValue Error(ReadOnlyMemory<byte> text) => new(RespKind.Error, text, 0, [], isNull: false);

    public static RespValue Error(string text) => Error(Encoding.UTF8.GetBytes(text));

    public static RespValue Integer(long number) => new(RespKind.Integer, default, number, [], isNull: false);

    public static RespValue Bulk(ReadOnlyMemory<byte> bytes) => new(RespKind.BulkString, bytes, 0, [], isNull: false);

    public static RespValue Array(IReadOnlyList<RespValue> items) => new(RespKind.Array, default, 0, items, isNull: false);

    /// <summary>Recursive: the depth of what a parser made is limited by <see cref="RespOptions.ArrayDepthMax"/>.</summary>
    public override string ToString() => Kind switch
    {
        _ when IsNull => "(nil)",
        RespKind.SimpleString => Encoding.UTF8.GetString(Bytes.Span),
        RespKind.Error => $"(error) {Encoding.UTF8.GetString(Bytes.Span)}",
        RespKind.Integer => $"(integer) {Number}",
        RespKind.BulkString => RespText.Quote(Bytes.Span),
        _ => $"[{string.Join(", ", Items)}]",
    };
}
