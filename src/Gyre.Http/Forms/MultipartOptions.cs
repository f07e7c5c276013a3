using System.Runtime.CompilerServices;

namespace Gyre.Http;

/// <summary>Limits of a multipart body that is read as a stream. Each is exact, and answered with 413 or, for headers, 400.</summary>
public sealed record MultipartOptions
{
    /// <summary>Every limit at its default.</summary>
    public static MultipartOptions Default { get; } = new();

    /// <summary>
    /// Most parts; default 1024, as ASP.NET Core allows fields. Risk of more: work for each part, however small it is.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
    public int PartsMax { get; init => field = Checked(value, 1); } = 1024;

    /// <summary>
    /// Most header lines of a part; default 16, as ASP.NET Core has it: browsers send two. Risk of more: memory and work for each part.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 1.</exception>
    public int HeaderCountMax { get; init => field = Checked(value, 1); } = 16;

    /// <summary>
    /// Most bytes of the header lines of a part; default 16384, as ASP.NET Core has it, since a file name alone may have a thousand. Also
    /// what may stand behind the last part. Risk of more: that much memory for each request at a time.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 64.</exception>
    public int HeaderBytesMax { get; init => field = Checked(value, 64); } = 16 * 1024;

    /// <summary>
    /// Most bytes of one part's body; default 30,000,000, as for a whole body. Risk of more: whatever the handler does with it; this side
    /// holds 4 KiB of it.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public long PartBytesMax
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value, nameof(PartBytesMax));
            field = value;
        }
    } = 30_000_000;

    /// <summary>
    /// Most bytes of the whole body; default null: what the request has in <see cref="HttpRequest.BodyBytesMax"/>, 30,000,000 unless the
    /// server says otherwise. Set it for a route that takes more, or less.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public long? BytesMax
    {
        get;
        init
        {
            if (value is { } bytes)
            {
                ArgumentOutOfRangeException.ThrowIfNegative(bytes, nameof(BytesMax));
            }

            field = value;
        }
    }

    private static int Checked(int value, int least, [CallerMemberName] string name = "")
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, least, name);
        return value;
    }
}
