using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Gyre.Http.Fields;

namespace Gyre.Http.StaticFiles;

/// <summary>The frame of a <c>multipart/byteranges</c> body, RFC 9110 section 14.6: what stands before each part, and at the end.</summary>
/// <remarks>
/// The boundary has 128 random bits, made for this response alone: no file can hold it but by a chance of one in 2^128 for each of its bytes, and whoever
/// writes the files can't know it. The bytes themselves are never searched; the kernel sends them.
/// </remarks>
[DebuggerDisplay("{_heads.Length} parts, {Length} bytes")]
internal sealed class MultipartRanges
{
    private const int BoundaryDigits = 32;

    private readonly byte[][] _heads;

    /// <param name="parts">Two or more.</param>
    /// <param name="length">Bytes of the whole.</param>
    /// <param name="contentType">Of each part.</param>
    public MultipartRanges(ByteRange[] parts, long length, ReadOnlySpan<byte> contentType)
    {
        string boundary = RandomNumberGenerator.GetHexString(BoundaryDigits, lowercase: true);
        ContentType = Encoding.ASCII.GetBytes($"multipart/byteranges; boundary={boundary}");
        End = Encoding.ASCII.GetBytes($"\r\n--{boundary}--\r\n");
        _heads = new byte[parts.Length][];
        Length = End.Length;
        string type = Encoding.Latin1.GetString(contentType);
        Span<byte> range = stackalloc byte[RangeHeader.ContentRangeBytesMax];
        for (int i = 0; i < parts.Length; i++)
        {
            string value = Encoding.ASCII.GetString(range[..RangeHeader.WriteContentRange(parts[i], length, range)]);
            _heads[i] = Encoding.Latin1.GetBytes(
                $"{(i == 0 ? "" : "\r\n")}--{boundary}\r\nContent-Type: {type}\r\nContent-Range: {value}\r\n\r\n");
            Length += _heads[i].Length + parts[i].Length;
        }
    }

    /// <summary>The value of <c>Content-Type</c>.</summary>
    public byte[] ContentType { get; }

    /// <summary>Bytes of the body, parts included.</summary>
    public long Length { get; }

    /// <summary>What stands behind the last part.</summary>
    public byte[] End { get; }

    /// <summary>What stands before a part.</summary>
    public byte[] HeadOf(int index) => _heads[index];
}
