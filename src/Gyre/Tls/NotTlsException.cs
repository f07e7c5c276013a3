using System.Security.Authentication;
using System.Text;

namespace Gyre.Tls;

/// <summary>What a peer sent first isn't the start of a TLS handshake: most often somebody speaks plain text to the TLS port.</summary>
public sealed class NotTlsException : AuthenticationException
{
    /// <summary>Tells a reader of the log what was sent; 16 bytes are enough to know a protocol by.</summary>
    private const int ShownBytesMax = 16;

    /// <summary>An exception without bytes to show.</summary>
    public NotTlsException()
        : this("What the peer sent isn't the start of a TLS handshake.")
    {
    }

    /// <summary>An exception without bytes to show.</summary>
    /// <param name="message">What was wrong.</param>
    public NotTlsException(string message)
        : base(message)
    {
    }

    /// <summary>An exception without bytes to show.</summary>
    /// <param name="message">What was wrong.</param>
    /// <param name="innerException">What caused it.</param>
    public NotTlsException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    internal NotTlsException(object connection, byte[] firstBytes)
        : base(
            $"{connection} sent {Show(firstBytes)} where a TLS handshake begins with byte 0x16. The peer speaks plain text, or another " +
            "protocol, to a port that serves TLS.") => FirstBytes = firstBytes;

    /// <summary>What had arrived when the connection was refused, 64 bytes at most; a stranger's, so not to be trusted.</summary>
    public ReadOnlyMemory<byte> FirstBytes { get; }

    private static string Show(byte[] bytes)
    {
        var text = new StringBuilder("\"");
        foreach (byte value in bytes.AsSpan(0, Math.Min(bytes.Length, ShownBytesMax)))
        {
            text.Append(value is >= 0x20 and < 0x7F and not (byte)'"' and not (byte)'\\' ? $"{(char)value}" : $"\\x{value:X2}");
        }

        return text.Append('"').ToString();
    }
}
