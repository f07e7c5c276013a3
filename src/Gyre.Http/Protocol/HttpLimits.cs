using System.Runtime.CompilerServices;

namespace Gyre.Http.Protocol;

/// <summary>
/// How much one peer may ask this side to hold or to count. Every limit is on by default, is exact (the limit itself is
/// allowed, one more is refused), and bounds memory or work that a stranger can cause.
/// </summary>
public sealed record HttpLimits
{
    /// <summary>The limits of a server that faces strangers: every property at its default.</summary>
    public static HttpLimits Default { get; } = new();

    /// <summary>
    /// Longest request line, in bytes, CR and LF included. Default 8192: RFC 9112 section 3 asks for at least 8000, and
    /// the common servers and caches stop at 8 KiB, so a longer line would not have reached us through them. Answered
    /// with 414. Risk of more: that much memory per connection that sends a line without an end.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 32 or more than 1 MiB.</exception>
    public int RequestLineBytesMax { get; init => field = Checked(value, 32, 1 << 20); } = 8192;

    /// <summary>
    /// Longest method name, in bytes. Default 32: the longest registered one has 17. Answered with 501, as RFC 9112
    /// section 3 asks. Risk of more: none but longer log lines.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 7 (<c>OPTIONS</c>, <c>CONNECT</c>) or more than 1024.</exception>
    public int MethodBytesMax { get; init => field = Checked(value, 7, 1024); } = 32;

    /// <summary>
    /// Longest header block, in bytes, from the end of the request line to the end of the empty line. Default 32768:
    /// room for the largest cookies that browsers keep for a site in practice. Answered with 431. Risk of more: that
    /// much memory per connection, held until the request ends.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 64 or more than 1 MiB.</exception>
    public int HeaderBlockBytesMax { get; init => field = Checked(value, 64, 1 << 20); } = 32768;

    /// <summary>
    /// Most header lines in one head, and most trailer lines in one message. Default 100: browsers send about 20, and
    /// chains of proxies add a handful. Answered with 431. Risk of more: looking up a header by an unknown name
    /// compares against each of them.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1 or more than 10,000.</exception>
    public int HeaderCountMax { get; init => field = Checked(value, 1, 10_000); } = 100;

    /// <summary>
    /// Most bytes of chunk extensions in one message, all chunks together. Default 16384: nobody uses them, yet RFC 9112
    /// section 7.1.1 demands that they be parsed, and asks for a limit on their sum. Answered with 400. Risk of more:
    /// time spent on bytes that carry no body, which deadlines that count body bytes don't see.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative or more than 1 MiB.</exception>
    public int ChunkExtensionBytesMax { get; init => field = Checked(value, 0, 1 << 20); } = 16384;

    /// <summary>
    /// Longest trailer block, in bytes, from the end of the last chunk's line to the end of the empty line. Default
    /// 16384: half of a header block, since trailers hold checksums and signatures. Answered with 431. Risk of more:
    /// that much memory per connection on top of the header block.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 2 or more than 1 MiB.</exception>
    public int TrailerBytesMax { get; init => field = Checked(value, 2, 1 << 20); } = 16384;

    /// <summary>
    /// Longest request body, in bytes, after chunk framing is removed. Default 30,000,000: what ASP.NET Core allows, so
    /// that an application moved here meets no new limit. Answered with 413. Risk of more: whatever the handler does
    /// with a body, this side holds none of it. <see cref="long.MaxValue"/> means no limit.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public long BodyBytesMax { get; init => field = CheckedBody(value); } = 30_000_000;

    internal static long CheckedBody(long value, [CallerMemberName] string name = "")
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value, name);
        return value;
    }

    private static int Checked(int value, int least, int most, [CallerMemberName] string name = "")
    {
        if (value < least || value > most)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be from {least} to {most}; it was {value}.");
        }

        return value;
    }
}
