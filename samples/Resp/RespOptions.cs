namespace Gyre.Samples.Resp;

/// <summary>What a parser takes.</summary>
public sealed record RespOptions
{
    /// <summary>The buffer doubles as it grows, and an array of .NET ends at 2 GiB.</summary>
    private const int BulkBytesLimit = 1 << 30;

    /// <summary>Bytes of a bulk string; default 512 MiB, the <c>proto-max-bulk-len</c> of Redis. What a peer may make us hold.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative, or more than 1 GiB.</exception>
    public int BulkBytesMax
    {
        get;
        init => field = value is >= 0 and <= BulkBytesLimit
            ? value
            : throw new ArgumentOutOfRangeException(nameof(BulkBytesMax), value, $"A bulk string has from 0 to {BulkBytesLimit} bytes at most.");
    } = 512 << 20;

    /// <summary>Values of one array; default 1,048,576, as Redis limits a command.</summary>
    public int ArrayItemsMax { get; init; } = 1 << 20;

    /// <summary>Arrays within each other, the outermost counted; default 32. Commands have one, replies seldom more than three.</summary>
    public int ArrayDepthMax { get; init; } = 32;

    /// <summary>Bytes of a line without its end; default 64 KiB, as Redis limits an inline command.</summary>
    public int LineBytesMax { get; init; } = 64 << 10;

    /// <summary>Bytes of a whole message; default 1 GiB, the <c>client-query-buffer-limit</c> of Redis.</summary>
    public long MessageBytesMax { get; init; } = 1 << 30;

    /// <summary>
    /// Whether a line that begins like no value is a command, its words the arguments; default true. A server wants that, a
    /// client doesn't.
    /// </summary>
    public bool AllowInline { get; init; } = true;
}
