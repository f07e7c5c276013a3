using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Gyre.Http.Protocol;

/// <summary>
/// What the peer did wrong, as a value: the reader never throws for bytes that it was sent. Misuse by this side throws
/// <see cref="LocalProtocolException"/> or <see cref="ArgumentException"/> instead.
/// </summary>
[DebuggerDisplay("{StatusCode} {Fault}: {Message,nq}")]
public sealed class ProtocolError
{
    private const int ShownBytesMax = 48;

    private ProtocolError(ProtocolFault fault, int statusCode, string message)
    {
        Fault = fault;
        StatusCode = statusCode;
        Message = message;
    }

    /// <summary>Which rule was broken; stable, for counters and tests.</summary>
    public ProtocolFault Fault { get; }

    /// <summary>The status to answer with before closing: 400, 413, 414, 417, 431, 501 or 505.</summary>
    public int StatusCode { get; }

    /// <summary>
    /// A sentence that says what was wrong and what would be right, with the offending bytes, cut to 48 and escaped to
    /// printable ASCII. They are the peer's: escape again for HTML.
    /// </summary>
    public string Message { get; }

    /// <summary>The status and the sentence.</summary>
    /// <returns>For example <c>400 A header name …</c>.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{StatusCode} {Message}");

    internal static ProtocolError Create(ProtocolFault fault, ReadOnlySpan<byte> offending)
    {
        (int status, string sentence) = ProtocolFaults.Describe(fault);
        return new ProtocolError(fault, status, offending.IsEmpty ? sentence : $"{sentence} Received: {Printable(offending)}.");
    }

    internal static string Printable(ReadOnlySpan<byte> bytes)
    {
        StringBuilder text = new("\"");
        foreach (byte b in bytes[..Math.Min(bytes.Length, ShownBytesMax)])
        {
            if (b is >= 0x20 and < 0x7F and not (byte)'"' and not (byte)'\\')
            {
                text.Append((char)b);
            }
            else
            {
                text.Append(CultureInfo.InvariantCulture, $"\\x{b:X2}");
            }
        }

        return text.Append(bytes.Length > ShownBytesMax ? "…\"" : "\"").ToString();
    }
}
