using static Gyre.Http.Protocol.ByteClasses;

namespace Gyre.Http.Protocol;

/// <summary>
/// What a complete head means: the rules that need more than one line. Whatever two readers could understand in two ways
/// is refused, even where the RFCs allow a guess.
/// </summary>
internal static class HeadRules
{
    private static readonly ulong s_rareHeaders =
        FieldSection.Bit(KnownHeader.Connection) | FieldSection.Bit(KnownHeader.Expect) |
        FieldSection.Bit(KnownHeader.ContentLength) | FieldSection.Bit(KnownHeader.TransferEncoding);

    /// <summary>Checks a head and fills in what follows from its headers.</summary>
    /// <param name="head">With request line and headers read.</param>
    internal static LineFault Apply(RequestHead head)
    {
        LineFault fault = ApplyHost(head);
        if (fault.Fault != ProtocolFault.None)
        {
            return fault;
        }

        head.KeepAlive = head.Version == ProtocolVersion.Http11;
        if (!head.Headers.ContainsAny(s_rareHeaders))
        {
            return default;
        }

        fault = ApplyFraming(head);
        if (fault.Fault == ProtocolFault.None)
        {
            fault = ApplyConnection(head);
        }

        return fault.Fault == ProtocolFault.None ? ApplyExpect(head) : fault;
    }

    // RFC 9112 section 3.2: exactly one Host on HTTP/1.1; at most one before. An empty one is only meant for targets
    // without an authority, which http and https don't have, so it is refused. RFC 9112 section 3.2.2: an absolute
    // target overrides Host; the client must send the same in both, so a difference is refused. "Same" ignores case and
    // fills in the scheme's default port.
    private static LineFault ApplyHost(RequestHead head)
    {
        FieldSection headers = head.Headers;
        int index = headers.IndexOf(KnownHeader.Host);
        if (index < 0)
        {
            return head.Version == ProtocolVersion.Http11 ? new LineFault(ProtocolFault.HostMissing) : default;
        }

        if (headers.IsRepeated(KnownHeader.Host))
        {
            return new LineFault(ProtocolFault.HostRepeated);
        }

        ReadOnlySpan<byte> host = headers.GetValue(index);
        if (!HostSyntax.TryParse(host, out _, out _))
        {
            return FaultAt(ProtocolFault.HostInvalid, headers, index);
        }

        if (head.AuthorityRange.Length == 0)
        {
            return default;
        }

        int defaultPort = head.TargetForm == TargetForm.Authority ? -1 : head.IsHttpsTarget ? 443 : 80;
        return HostSyntax.Same(head.AuthoritySpan, host, defaultPort)
            ? default
            : FaultAt(ProtocolFault.HostMismatch, headers, index);
    }

    // RFC 9112 sections 6.1 to 6.3, RFC 9110 section 8.6.
    private static LineFault ApplyFraming(RequestHead head)
    {
        FieldSection headers = head.Headers;
        int coding = headers.IndexOf(KnownHeader.TransferEncoding);
        int length = headers.IndexOf(KnownHeader.ContentLength);
        if (coding < 0 && length < 0)
        {
            return default;
        }

        if (coding >= 0 && length >= 0)
        {
            return new LineFault(ProtocolFault.TransferEncodingWithContentLength);
        }

        LineFault fault = coding >= 0 ? ApplyTransferEncoding(head, coding) : ApplyContentLength(head, length);
        if (fault.Fault != ProtocolFault.None)
        {
            return fault;
        }

        bool refusesContent = head.Method == RequestMethod.Connect || (head.Method == RequestMethod.Trace && head.HasBody);
        return refusesContent ? new LineFault(ProtocolFault.ContentNotAllowed) : default;
    }

    // RFC 9112 section 6.1: HTTP/1.0 doesn't know it; section 6.3: chunked must come last, else 400; a coding before it
    // that isn't understood is 501. One line, one coding, spaces but no tabs around it: less leaves nothing to interpret.
    private static LineFault ApplyTransferEncoding(RequestHead head, int index)
    {
        FieldSection headers = head.Headers;
        if (head.Version == ProtocolVersion.Http10)
        {
            return new LineFault(ProtocolFault.TransferEncodingOnHttp10);
        }

        if (headers.IsRepeated(KnownHeader.TransferEncoding))
        {
            return new LineFault(ProtocolFault.TransferEncodingRepeated);
        }

        ReadOnlySpan<byte> value = headers.GetValue(index);
        if (!headers.RawValue(index).Contains((byte)'\t') && System.Text.Ascii.EqualsIgnoreCase(value, "chunked"u8))
        {
            head.Framing = BodyFraming.Chunked;
            return default;
        }

        int comma = value.LastIndexOf((byte)',');
        bool endsInChunked = comma >= 0 && System.Text.Ascii.EqualsIgnoreCase(Trim(value[(comma + 1)..]), "chunked"u8);
        bool isCodingBefore = endsInChunked && AreOtherCodings(value[..comma]);
        return FaultAt(isCodingBefore ? ProtocolFault.TransferEncodingUnsupported : ProtocolFault.TransferEncodingInvalid, headers, index);
    }

    private static bool AreOtherCodings(ReadOnlySpan<byte> list)
    {
        foreach (Range part in list.Split((byte)','))
        {
            ReadOnlySpan<byte> coding = Trim(list[part]);
            if (!IsToken(coding) || System.Text.Ascii.EqualsIgnoreCase(coding, "chunked"u8))
            {
                return false;
            }
        }

        return true;
    }

    // RFC 9110 section 8.6: 1*DIGIT. Leading zeros are within that grammar, but some readers take them for octal; a list
    // of equal values may be merged by RFC 9112 section 6.3, but not all do. Both are refused, as are tabs around it.
    private static LineFault ApplyContentLength(RequestHead head, int index)
    {
        const int DigitsMax = 19;
        FieldSection headers = head.Headers;
        if (headers.IsRepeated(KnownHeader.ContentLength))
        {
            return new LineFault(ProtocolFault.ContentLengthRepeated);
        }

        ReadOnlySpan<byte> digits = headers.GetValue(index);
        if (digits.IsEmpty || digits.ContainsAnyExcept(Digits) || (digits[0] == (byte)'0' && digits.Length > 1) ||
            headers.RawValue(index).Contains((byte)'\t'))
        {
            return FaultAt(ProtocolFault.ContentLengthInvalid, headers, index);
        }

        ulong length = 0;
        foreach (byte digit in digits[..Math.Min(digits.Length, DigitsMax)])
        {
            length = (length * 10) + (ulong)(digit - '0');
        }

        if (digits.Length > DigitsMax || length > long.MaxValue)
        {
            return FaultAt(ProtocolFault.ContentLengthOverflow, headers, index);
        }

        head.ContentLengthOrMinusOne = (long)length;
        head.Framing = length > 0 ? BodyFraming.Length : BodyFraming.None;
        return default;
    }

    // RFC 9110 section 7.6.1 and RFC 9112 section 9.3. Empty elements are ignored, as section 5.6.1 of RFC 9110 asks.
    private static LineFault ApplyConnection(RequestHead head)
    {
        FieldSection headers = head.Headers;
        if (!headers.TryGetValue(KnownHeader.Connection, out ReadOnlySpan<byte> only))
        {
            return default;
        }

        if (!headers.IsRepeated(KnownHeader.Connection) && System.Text.Ascii.EqualsIgnoreCase(only, "keep-alive"u8))
        {
            head.KeepAlive = true;
            return default;
        }

        bool close = false;
        bool keepAlive = false;
        bool upgrade = false;
        for (int i = headers.IndexOf(KnownHeader.Connection); i >= 0; i = headers.NextIndexOf(KnownHeader.Connection, i + 1))
        {
            ReadOnlySpan<byte> list = headers.GetValue(i);
            foreach (Range part in list.Split((byte)','))
            {
                ReadOnlySpan<byte> option = Trim(list[part]);
                if (option.IsEmpty)
                {
                    continue;
                }

                if (!IsToken(option))
                {
                    return FaultAt(ProtocolFault.ConnectionInvalid, headers, i);
                }

                close |= System.Text.Ascii.EqualsIgnoreCase(option, "close"u8);
                keepAlive |= System.Text.Ascii.EqualsIgnoreCase(option, "keep-alive"u8);
                upgrade |= System.Text.Ascii.EqualsIgnoreCase(option, "upgrade"u8);
            }
        }

        head.KeepAlive = !close && (keepAlive || head.Version == ProtocolVersion.Http11);
        head.IsUpgrade = upgrade && head.Version == ProtocolVersion.Http11
            && headers.TryGetValue(KnownHeader.Upgrade, out ReadOnlySpan<byte> protocols) && protocols.Length > 0;
        return default;
    }

    // RFC 9110 section 10.1.1: 100-continue from HTTP/1.0 is ignored, and so is one that comes without a body.
    private static LineFault ApplyExpect(RequestHead head)
    {
        FieldSection headers = head.Headers;
        for (int i = headers.IndexOf(KnownHeader.Expect); i >= 0; i = headers.NextIndexOf(KnownHeader.Expect, i + 1))
        {
            if (!System.Text.Ascii.EqualsIgnoreCase(headers.GetValue(i), "100-continue"u8))
            {
                return FaultAt(ProtocolFault.ExpectationUnknown, headers, i);
            }

            head.ExpectContinue = head.HasBody && head.Version == ProtocolVersion.Http11;
        }

        return default;
    }

    private static LineFault FaultAt(ProtocolFault fault, FieldSection headers, int index)
    {
        TextRange range = headers.ValueRange(index);
        return new LineFault(fault, range.Start, range.Length);
    }
}
