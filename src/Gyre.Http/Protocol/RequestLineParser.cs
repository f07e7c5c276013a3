using System.Buffers.Binary;
using static Gyre.Http.Protocol.ByteClasses;

namespace Gyre.Http.Protocol;

/// <summary>
/// Reads the request line, RFC 9112 section 3: <c>method SP request-target SP HTTP-version CRLF</c>, with exactly one
/// space in each place, and splits the target. Only complete lines are judged.
/// </summary>
internal static class RequestLineParser
{
    private const int VersionLength = 8;

    private static readonly ulong s_http11 = BinaryPrimitives.ReadUInt64LittleEndian("HTTP/1.1"u8);
    private static readonly ulong s_http10 = BinaryPrimitives.ReadUInt64LittleEndian("HTTP/1.0"u8);

    /// <summary>
    /// Whether a client speaks TLS where it should speak HTTP: a record of the type handshake and any version, RFC 8446 section 5.1. Seldom
    /// is there an LF in the first one, so that this can't wait for a line.
    /// </summary>
    internal static bool IsTlsHandshake(ReadOnlySpan<byte> start) => start.StartsWith(TlsHandshakeStart);

    /// <summary>The fault of it, with as many bytes as are there in any case.</summary>
    internal static LineFault TlsHandshakeAt(int start) => new(ProtocolFault.TlsHandshake, start, TlsHandshakeStart.Length);

    /// <summary>Reads one complete line into a head.</summary>
    /// <param name="text">From the start of the head's store.</param>
    /// <param name="start">Where the line starts.</param>
    /// <param name="end">Behind its LF.</param>
    /// <param name="limits">For the method's length; the line's own is the caller's to check.</param>
    /// <param name="head">Takes the parts.</param>
    internal static LineFault Parse(ReadOnlySpan<byte> text, int start, int end, HttpLimits limits, RequestHead head)
    {
        ReadOnlySpan<byte> line = text[start..end];
        int methodLength = MatchMethod(line, out RequestMethod method);
        if (methodLength < 0)
        {
            methodLength = line.IndexOfAnyExcept(Token);
            if (methodLength == 0 || line[methodLength] != (byte)' ')
            {
                return DiagnoseLine(line, start, ProtocolFault.MethodInvalid);
            }

            if (methodLength > limits.MethodBytesMax)
            {
                return new LineFault(ProtocolFault.MethodTooLong, start, methodLength);
            }
        }

        int targetStart = methodLength + 1;
        int targetLength = line[targetStart..].IndexOfAnyExcept(ByteClasses.Target);
        int targetEnd = targetStart + targetLength;
        if (targetLength <= 0 || line[targetEnd] != (byte)' ')
        {
            return DiagnoseLine(line, start, ProtocolFault.TargetInvalid);
        }

        LineFault versionFault = ParseVersion(line, start, targetEnd + 1, head);
        if (versionFault.Fault != ProtocolFault.None)
        {
            return versionFault;
        }

        head.Method = method;
        head.MethodRange = new TextRange(start, methodLength);
        head.TargetRange = new TextRange(start + targetStart, targetLength);
        return ParseTarget(line[targetStart..targetEnd], start + targetStart, head);
    }

    private static ReadOnlySpan<byte> TlsHandshakeStart => [0x16, 0x03];

    private static int MatchMethod(ReadOnlySpan<byte> line, out RequestMethod method)
    {
        method = RequestMethod.Other;
        if (line.StartsWith("GET "u8))
        {
            method = RequestMethod.Get;
        }
        else if (line.StartsWith("POST "u8))
        {
            method = RequestMethod.Post;
        }
        else
        {
            return MatchRarerMethod(line, out method);
        }

        return method == RequestMethod.Get ? 3 : 4;
    }

    private static int MatchRarerMethod(ReadOnlySpan<byte> line, out RequestMethod method)
    {
        int length = line.IndexOf((byte)' ');
        method = length < 0 ? RequestMethod.Other : line[..length] switch
        {
            [(byte)'H', (byte)'E', (byte)'A', (byte)'D'] => RequestMethod.Head,
            [(byte)'P', (byte)'U', (byte)'T'] => RequestMethod.Put,
            [(byte)'P', (byte)'A', (byte)'T', (byte)'C', (byte)'H'] => RequestMethod.Patch,
            [(byte)'D', (byte)'E', (byte)'L', (byte)'E', (byte)'T', (byte)'E'] => RequestMethod.Delete,
            [(byte)'O', (byte)'P', (byte)'T', (byte)'I', (byte)'O', (byte)'N', (byte)'S'] => RequestMethod.Options,
            [(byte)'C', (byte)'O', (byte)'N', (byte)'N', (byte)'E', (byte)'C', (byte)'T'] => RequestMethod.Connect,
            [(byte)'T', (byte)'R', (byte)'A', (byte)'C', (byte)'E'] => RequestMethod.Trace,
            _ => RequestMethod.Other,
        };
        return method == RequestMethod.Other ? -1 : length;
    }

    // RFC 9112 section 2.3 and RFC 9110 section 2.5. Minor versions above 1 are refused: see ProtocolVersion.
    private static LineFault ParseVersion(ReadOnlySpan<byte> line, int start, int at, RequestHead head)
    {
        ReadOnlySpan<byte> rest = line[at..];
        if (rest.Length == VersionLength + 2 && rest[VersionLength] == CarriageReturn)
        {
            ulong version = BinaryPrimitives.ReadUInt64LittleEndian(rest);
            if (version == s_http11 || version == s_http10)
            {
                head.Version = version == s_http11 ? ProtocolVersion.Http11 : ProtocolVersion.Http10;
                return default;
            }

            if (line.SequenceEqual("PRI * HTTP/2.0\r\n"u8))
            {
                return new LineFault(ProtocolFault.Http2Preface, start, line.Length - 2);
            }

            if (rest.StartsWith("HTTP/"u8) && char.IsAsciiDigit((char)rest[5]) && rest[6] == (byte)'.' && char.IsAsciiDigit((char)rest[7]))
            {
                return new LineFault(ProtocolFault.VersionUnsupported, start + at, VersionLength);
            }
        }

        ProtocolFault fault = rest.Contains((byte)' ') ? ProtocolFault.RequestLineMalformed : ProtocolFault.VersionMalformed;
        return DiagnoseLine(line, start, fault);
    }

    private static LineFault ParseTarget(ReadOnlySpan<byte> target, int start, RequestHead head)
    {
        bool isConnect = head.Method == RequestMethod.Connect;
        if (target[0] == (byte)'/' && !isConnect)
        {
            head.TargetForm = TargetForm.Origin;
            SplitQuery(target, start, head);
            return default;
        }

        if (isConnect)
        {
            // RFC 9110 section 9.3.6: the port can't be left out, since CONNECT has no default.
            head.TargetForm = TargetForm.Authority;
            head.AuthorityRange = new TextRange(start, target.Length);
            return HostSyntax.TryParse(target, out _, out int port) && port >= 0
                ? default
                : new LineFault(ProtocolFault.TargetFormMismatch, start, target.Length);
        }

        if (target.SequenceEqual("*"u8))
        {
            head.TargetForm = TargetForm.Asterisk;
            head.PathRange = new TextRange(start, 1);
            return head.Method == RequestMethod.Options ? default : new LineFault(ProtocolFault.TargetFormMismatch, start, 1);
        }

        return ParseAbsolute(target, start, head);
    }

    // RFC 9112 section 3.2.2 and RFC 9110 sections 4.2.1 to 4.2.4: user information is refused as an error.
    private static LineFault ParseAbsolute(ReadOnlySpan<byte> target, int start, RequestHead head)
    {
        int schemeEnd = target.IndexOf("://"u8);
        if (schemeEnd < 0)
        {
            return new LineFault(ProtocolFault.TargetFormMismatch, start, target.Length);
        }

        ReadOnlySpan<byte> scheme = target[..schemeEnd];
        head.IsHttpsTarget = System.Text.Ascii.EqualsIgnoreCase(scheme, "https"u8);
        if (!head.IsHttpsTarget && !System.Text.Ascii.EqualsIgnoreCase(scheme, "http"u8))
        {
            return new LineFault(ProtocolFault.TargetAuthorityInvalid, start, target.Length);
        }

        int authorityStart = schemeEnd + 3;
        ReadOnlySpan<byte> rest = target[authorityStart..];
        int authorityLength = rest.IndexOfAny((byte)'/', (byte)'?');
        if (authorityLength < 0)
        {
            authorityLength = rest.Length;
        }

        if (!HostSyntax.TryParse(rest[..authorityLength], out _, out _))
        {
            return new LineFault(ProtocolFault.TargetAuthorityInvalid, start, target.Length);
        }

        head.TargetForm = TargetForm.Absolute;
        head.AuthorityRange = new TextRange(start + authorityStart, authorityLength);
        SplitQuery(rest[authorityLength..], start + authorityStart + authorityLength, head);
        return default;
    }

    private static void SplitQuery(ReadOnlySpan<byte> pathAndQuery, int start, RequestHead head)
    {
        int mark = pathAndQuery.IndexOf((byte)'?');
        int pathLength = mark < 0 ? pathAndQuery.Length : mark;
        head.PathRange = new TextRange(start, pathLength);
        head.QueryRange = mark < 0 ? default : new TextRange(start + mark + 1, pathAndQuery.Length - mark - 1);
    }

    /// <summary>Names what is wrong with a complete line whose parts weren't found, the line's ends first.</summary>
    private static LineFault DiagnoseLine(ReadOnlySpan<byte> line, int start, ProtocolFault otherwise)
    {
        if (IsTlsHandshake(line))
        {
            return TlsHandshakeAt(start);
        }

        int carriageReturn = line.IndexOf(CarriageReturn);
        if (carriageReturn < 0)
        {
            return new LineFault(ProtocolFault.BareLineFeed, start, line.Length - 1);
        }

        if (carriageReturn != line.Length - 2)
        {
            return new LineFault(ProtocolFault.BareCarriageReturn, start, line.Length - 1);
        }

        ReadOnlySpan<byte> content = line[..carriageReturn];
        ProtocolFault fault = otherwise;
        if (content.IndexOf((byte)' ') < 0 || content.IndexOf("  "u8) >= 0)
        {
            fault = ProtocolFault.RequestLineMalformed;
        }
        else if (otherwise == ProtocolFault.TargetInvalid)
        {
            ReadOnlySpan<byte> afterMethod = content[(content.IndexOf((byte)' ') + 1)..];
            int bad = afterMethod.IndexOfAnyExcept(ByteClasses.Target);
            fault = bad < 0 ? ProtocolFault.RequestLineMalformed
                : afterMethod[bad] == (byte)'#' ? ProtocolFault.TargetFragment
                : ProtocolFault.TargetInvalid;
        }

        return new LineFault(fault, start, content.Length);
    }
}
