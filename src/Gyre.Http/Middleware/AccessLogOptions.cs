using Gyre.Http.Server;

namespace Gyre.Http;

/// <summary>What <c>UseAccessLog</c> writes, where to, and what it may keep.</summary>
public sealed record AccessLogOptions
{
    /// <summary>Room for the longest line with fields of the default length, escaped throughout, and then some.</summary>
    private const int BufferBytesLeast = 64 * 1024;

    /// <summary>How lines look; default <see cref="AccessLogFormat.Common"/>, the cheapest: it allocates nothing.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not one of the enumeration.</exception>
    public AccessLogFormat Format { get; init => field = OptionRules.Defined(value); }

    /// <summary>Where lines go; default <see cref="AccessLogSink.StandardOutput"/>. One sink may serve several logs and loops.</summary>
    /// <exception cref="ArgumentNullException">Null.</exception>
    public AccessLogSink Sink { get; init => field = OptionRules.NotNull(value); } = AccessLogSink.StandardOutput;

    /// <summary>
    /// Whether lines of <see cref="AccessLogFormat.Common"/> and <see cref="AccessLogFormat.Combined"/> end in the microseconds that the
    /// request took and its id; default false, for readers that know the plain formats only. JSON has both always.
    /// </summary>
    public bool AppendsDurationAndId { get; init; }

    /// <summary>
    /// Bytes of a target, referer or user agent that are written, 16 to 2048; default 1024, since longer ones are mostly attacks. Risk of
    /// more: a client that sends long ones fills the disk faster.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside 16 to 2048.</exception>
    public int FieldBytesMax
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 16, nameof(FieldBytesMax));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 2048, nameof(FieldBytesMax));
            field = value;
        }
    } = 1024;

    /// <summary>
    /// Bytes of lines that each loop keeps while the sink writes, at least 64 KiB; default 1 MiB: some 10,000 lines, what a busy loop makes
    /// while a disk hesitates for a tenth of a second. As much again is being written. Lines beyond it are dropped, and their number is
    /// logged as a warning. Risk of less: lines that are missing; of more: memory.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 64 KiB.</exception>
    public int BufferBytesMax
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, BufferBytesLeast, nameof(BufferBytesMax));
            field = value;
        }
    } = 1024 * 1024;
}
