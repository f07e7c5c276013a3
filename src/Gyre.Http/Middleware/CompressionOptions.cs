using System.IO.Compression;
using Gyre.Http.Server;

namespace Gyre.Http;

/// <summary>What <c>UseCompression</c> compresses, and how hard it tries.</summary>
/// <remarks>Brotli and gzip. The BCL of .NET 10 has no Zstandard, so <c>zstd</c> isn't offered.</remarks>
public sealed record CompressionOptions
{
    /// <summary>
    /// Bytes of the shortest body that is compressed, if its length is known; default 1024: with its head such a body fits one packet
    /// anyway, and the coding's own frame eats what is won. Risk of less: work for nothing.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public int BytesMin
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value, nameof(BytesMin));
            field = value;
        }
    } = 1024;

    /// <summary>
    /// How hard Brotli tries, 0 to 11; default 4, about as fast as gzip and denser. Risk of more: the loop stands still meanwhile; from 5
    /// on several times as long.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside 0 to 11.</exception>
    public int BrotliQuality
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value, nameof(BrotliQuality));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 11, nameof(BrotliQuality));
            field = value;
        }
    } = 4;

    /// <summary>
    /// The binary logarithm of Brotli's window in bytes, 10 to 22; default 19: 512 KiB, more than most pages, at some 1 MiB of native
    /// memory for each response under way. Risk of more: memory; of less: denser only for short bodies.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside 10 to 22.</exception>
    public int BrotliWindowBits
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 10, nameof(BrotliWindowBits));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 22, nameof(BrotliWindowBits));
            field = value;
        }
    } = 19;

    /// <summary>How hard gzip tries; default <see cref="CompressionLevel.Fastest"/>: a dynamic page is compressed once for each reader.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not one of the enumeration.</exception>
    public CompressionLevel GzipLevel { get; init => field = OptionRules.Defined(value); } = CompressionLevel.Fastest;

    /// <summary>
    /// Content types that are compressed besides those of which it is known that it pays
    /// (<see cref="Fields.MediaTypes.IsCompressible(ReadOnlySpan{char})"/>), such as <c>text/event-stream</c>; without parameters, in any case.
    /// Default none.
    /// </summary>
    /// <exception cref="ArgumentException">One isn't <c>type/subtype</c>.</exception>
    public IReadOnlyList<string> FurtherTypes { get; init => field = OptionRules.ContentTypes(value); } = [];

    /// <summary>
    /// Whether responses over https are compressed; default false. Risk of true: where a body holds a secret and something that an attacker
    /// can choose, its length tells the secret bit by bit (BREACH). Set it where no body has both.
    /// </summary>
    public bool OverHttps { get; init; }

    /// <summary>
    /// Whether responses are compressed that belong to somebody: to a request with <c>Cookie</c> or <c>Authorization</c>, or with
    /// <c>Set-Cookie</c>. Default false; risk of true as for <see cref="OverHttps"/>, whoever may see the length of the traffic.
    /// </summary>
    public bool WithCredentials { get; init; }
}
