using System.Diagnostics;
using System.Text;
using System.Text.Unicode;

namespace Gyre.Http.Routing;

/// <summary>
/// The path of a request, taken apart at its slashes and then decoded, each segment exactly once. Router and file server share
/// it, so that they can't differ on what a path means.
/// </summary>
/// <remarks>
/// The rule: segments are split before they are decoded, so <c>%2F</c> is a character of a segment and never parts two. A
/// malformed escape, a control byte, a dot segment (escaped or not) and bytes that aren't UTF-8 are refused: no browser sends
/// them, and each has been read in two ways by two servers. Empty segments are kept, and match nothing; a last one, behind a
/// closing slash, matches a template that ends in a slash. One object is reused from request to request.
/// </remarks>
[DebuggerDisplay("{Count} segments of {System.Text.Encoding.UTF8.GetString(Decoded),nq}")]
internal sealed class RequestPath
{
    private const int BytesInitial = 256;
    private const int SegmentsInitial = 16;
    private const int BytesKept = 4096;

    private byte[] _bytes = new byte[BytesInitial];
    private Segment[] _segments = new Segment[SegmentsInitial];
    private int _length;

    /// <summary>How many segments there are: one for <c>/</c>, which is empty.</summary>
    public int Count { get; private set; }

    /// <summary>Whether an escaped slash or backslash is in one of the segments from <paramref name="first"/> on.</summary>
    public bool HasEscapedSlash(int first)
    {
        for (int i = first; i < Count; i++)
        {
            if (_segments[i].HasSlash)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether one of the segments from <paramref name="first"/> on is empty, the last not counted.</summary>
    public bool HasEmptySegment(int first)
    {
        for (int i = first; i < Count - 1; i++)
        {
            if (_segments[i].Length == 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A segment, decoded.</summary>
    public ReadOnlySpan<byte> this[int index] => _bytes.AsSpan(_segments[index].Start, _segments[index].Length);

    /// <summary>Where a segment begins in <see cref="Decoded"/>.</summary>
    public int StartOf(int index) => _segments[index].Start;

    /// <summary>Everything, with the slashes that part the segments.</summary>
    public ReadOnlySpan<byte> Decoded => _bytes.AsSpan(0, _length);

    /// <summary>Takes a path apart.</summary>
    /// <param name="raw">As received: begins with a slash, visible ASCII alone.</param>
    public PathFault Parse(ReadOnlySpan<byte> raw)
    {
        Count = 0;
        _length = 0;
        if (_bytes.Length < raw.Length)
        {
            _bytes = new byte[Math.Max(raw.Length, _bytes.Length * 2)];
        }

        int position = 0;
        while (position < raw.Length)
        {
            // At a slash: what follows, up to the next one, is a segment.
            _bytes[_length++] = (byte)'/';
            ReadOnlySpan<byte> rest = raw[(position + 1)..];
            int end = rest.IndexOf((byte)'/');
            ReadOnlySpan<byte> segment = end < 0 ? rest : rest[..end];
            PathFault fault = Add(segment);
            if (fault != PathFault.None)
            {
                return fault;
            }

            position += segment.Length + 1;
        }

        return PathFault.None;
    }

    /// <summary>Gives a large buffer back.</summary>
    public void ShrinkIfLarge()
    {
        if (_bytes.Length > BytesKept)
        {
            _bytes = new byte[BytesInitial];
            _length = 0;
            Count = 0;
        }

        if (_segments.Length > BytesKept / 16)
        {
            _segments = new Segment[SegmentsInitial];
            Count = 0;
        }
    }

    /// <summary>What a path that is refused is answered with.</summary>
    public static string Explain(PathFault fault) => fault switch
    {
        PathFault.EscapeInvalid => "The path has a '%' without two hexadecimal digits behind it.",
        PathFault.ControlByte => "The path has an escaped control character.",
        PathFault.DotSegment => "The path has a segment '.' or '..'; resolve it before sending the request.",
        PathFault.NotUtf8 => "The path isn't UTF-8 once it is decoded.",
        _ => "The path can't be read.",
    };

    private PathFault Add(ReadOnlySpan<byte> segment)
    {
        int start = _length;
        bool hasSlash = false;
        if (segment.Contains((byte)'%'))
        {
            PathFault fault = Decode(segment, out hasSlash);
            if (fault != PathFault.None)
            {
                return fault;
            }
        }
        else
        {
            segment.CopyTo(_bytes.AsSpan(_length));
            _length += segment.Length;
            hasSlash = segment.Contains((byte)'\\');
        }

        ReadOnlySpan<byte> decoded = _bytes.AsSpan(start, _length - start);
        if (decoded.SequenceEqual("."u8) || decoded.SequenceEqual(".."u8))
        {
            return PathFault.DotSegment;
        }

        if (Count == _segments.Length)
        {
            Array.Resize(ref _segments, Count * 2);
        }

        _segments[Count++] = new Segment(start, decoded.Length, hasSlash);
        return PathFault.None;
    }

    private PathFault Decode(ReadOnlySpan<byte> segment, out bool hasSlash)
    {
        hasSlash = false;
        int start = _length;
        for (int i = 0; i < segment.Length; i++)
        {
            byte b = segment[i];
            if (b == (byte)'%')
            {
                if (i + 2 >= segment.Length || !TryHexadecimal(segment[i + 1], out int high) || !TryHexadecimal(segment[i + 2], out int low))
                {
                    return PathFault.EscapeInvalid;
                }

                b = (byte)((high << 4) | low);
                i += 2;
                if (b is < 0x20 or 0x7F)
                {
                    return PathFault.ControlByte;
                }
            }

            hasSlash |= b is (byte)'/' or (byte)'\\';
            _bytes[_length++] = b;
        }

        ReadOnlySpan<byte> decoded = _bytes.AsSpan(start, _length - start);
        return Ascii.IsValid(decoded) || Utf8.IsValid(decoded) ? PathFault.None : PathFault.NotUtf8;
    }

    private static bool TryHexadecimal(byte digit, out int value)
    {
        value = digit switch
        {
            >= (byte)'0' and <= (byte)'9' => digit - '0',
            >= (byte)'a' and <= (byte)'f' => digit - 'a' + 10,
            >= (byte)'A' and <= (byte)'F' => digit - 'A' + 10,
            _ => -1,
        };
        return value >= 0;
    }

    private readonly record struct Segment(int Start, int Length, bool HasSlash);
}
