using System.Diagnostics;

namespace Gyre.Http.Protocol;

/// <summary>
/// What a handler says about its response before the body: status, headers, length. Made once for each connection and
/// <see cref="Reset"/> for each response.
/// </summary>
[DebuggerDisplay("{StatusCode}, {Headers.Count} headers")]
public sealed class ResponseHead
{
    /// <summary>The status, 100 to 599. Default 200.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not a status of RFC 9110 section 15.</exception>
    public int StatusCode
    {
        get;
        set
        {
            if (value is < 100 or > 599)
            {
                throw new ArgumentOutOfRangeException(nameof(value), value, "A status code is from 100 to 599.");
            }

            field = value;
        }
    } = 200;

    /// <summary>
    /// The reason phrase; <see langword="null"/>, the default, for the usual one. Clients ignore it (RFC 9112 section 4).
    /// </summary>
    /// <exception cref="ArgumentException">It holds something other than printable ASCII and HTAB.</exception>
    public string? Reason
    {
        get;
        set
        {
            int bad = value is null ? -1 : value.AsSpan().IndexOfAnyExceptInRange(' ', '~');
            while (bad >= 0 && value![bad] == '\t')
            {
                int next = value.AsSpan(bad + 1).IndexOfAnyExceptInRange(' ', '~');
                bad = next < 0 ? -1 : bad + 1 + next;
            }

            field = bad < 0 ? value : throw new ArgumentException(
                $"The reason phrase holds U+{(int)value![bad]:X4} at index {bad}; only printable ASCII and HTAB can be sent.",
                nameof(value));
        }
    }

    /// <summary>
    /// How many bytes the body will have; <see langword="null"/>, the default, when that isn't known yet. Writing more
    /// throws; writing less closes the connection.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public long? ContentLength
    {
        get;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value ?? 0, nameof(value));
            field = value;
        }
    }

    /// <summary>Whether to close the connection after this response, whatever the peer would allow. Default: no.</summary>
    public bool Close { get; set; }

    /// <summary>Everything but <c>Content-Length</c>, <c>Transfer-Encoding</c> and <c>Connection</c>.</summary>
    public ResponseHeaders Headers { get; } = new();

    /// <summary>Makes ready for another response: every property at its default, no headers.</summary>
    public void Reset()
    {
        StatusCode = 200;
        Reason = null;
        ContentLength = null;
        Close = false;
        Headers.Clear();
    }
}
