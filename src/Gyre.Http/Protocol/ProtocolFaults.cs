namespace Gyre.Http.Protocol;

/// <summary>The status and the sentence of every fault, in one place so that each is said in one way.</summary>
internal static class ProtocolFaults
{
    internal static (int StatusCode, string Sentence) Describe(ProtocolFault fault) => fault switch
    {
        ProtocolFault.BareLineFeed => (400, "A line ended with LF alone; every line of a head, chunk or trailer ends with CR LF."),
        ProtocolFault.BareCarriageReturn => (400, "A CR was not followed by LF; the two only occur together, at the end of a line."),
        ProtocolFault.BlankLines => (400, "More than one empty line came before the request line; at most one is ignored."),
        ProtocolFault.RequestLineMalformed =>
            (400, "The request line is not three parts parted by single spaces; it should look like \"GET /path HTTP/1.1\"."),
        ProtocolFault.MethodInvalid => (400, "The method is not a token; it should be letters such as GET."),
        ProtocolFault.MethodTooLong => (501, "The method is longer than the server's limit for method names."),
        ProtocolFault.RequestLineTooLong => (414, "The request line is longer than the server's limit; shorten the target."),
        ProtocolFault.VersionMalformed =>
            (400, "The version is not of the form \"HTTP/1.1\", in capitals, with one digit on either side of the dot."),
        ProtocolFault.VersionUnsupported => (505, "This server speaks HTTP/1.1 and HTTP/1.0 only."),
        ProtocolFault.Http2Preface =>
            (505, "The client began with the HTTP/2 connection preface; this port speaks HTTP/1.1, so connect with HTTP/1.1."),
        ProtocolFault.TargetInvalid =>
            (400, "The request target is empty or holds a byte that must be percent-encoded there; only visible ASCII is allowed."),
        ProtocolFault.TargetFragment => (400, "The request target holds a \"#\"; a fragment stays with the client."),
        ProtocolFault.TargetFormMismatch =>
            (400, "The request target doesn't fit the method: a path, or \"*\" with OPTIONS only, or \"host:port\" with CONNECT only."),
        ProtocolFault.TargetAuthorityInvalid =>
            (400, "The request target is not an http or https URI with a valid host and optional port, and without user information."),
        ProtocolFault.FoldedLine =>
            (400, "A header line starts with white space; folded lines are obsolete, send the value on one line."),
        ProtocolFault.SpaceBeforeColon => (400, "White space stands between a header's name and its colon; there may be none."),
        ProtocolFault.HeaderNameInvalid => (400, "A header's name is empty or holds a byte that isn't allowed in a token."),
        ProtocolFault.ColonMissing => (400, "A header line has no colon; it should look like \"Name: value\"."),
        ProtocolFault.HeaderValueInvalid => (400, "A header's value holds a control byte; only HTAB is allowed of those."),
        ProtocolFault.HeaderBlockTooLarge => (431, "The header block is longer than the server's limit."),
        ProtocolFault.HeadersTooMany => (431, "There are more header or trailer lines than the server's limit."),
        ProtocolFault.HostMissing => (400, "The request has no Host header; HTTP/1.1 demands exactly one."),
        ProtocolFault.HostRepeated => (400, "The request has more than one Host header; send exactly one."),
        ProtocolFault.HostInvalid =>
            (400, "The Host header is not a name, an IPv4 address or a bracketed IPv6 address, with an optional port up to 65535."),
        ProtocolFault.HostMismatch => (400, "The Host header names another host or port than the request target; they must agree."),
        ProtocolFault.ContentLengthInvalid =>
            (400, "Content-Length is not a plain decimal number: digits only, no sign, no leading zero, no list."),
        ProtocolFault.ContentLengthOverflow => (400, "Content-Length is larger than a signed 64-bit number."),
        ProtocolFault.ContentLengthRepeated =>
            (400, "Content-Length is given more than once; send it once, even when the values are equal."),
        ProtocolFault.TransferEncodingInvalid => (400, "Transfer-Encoding is not exactly \"chunked\"."),
        ProtocolFault.TransferEncodingUnsupported =>
            (501, "Transfer-Encoding names a coding besides chunked; this server understands chunked only."),
        ProtocolFault.TransferEncodingRepeated =>
            (400, "Transfer-Encoding is given more than once; send one line, \"Transfer-Encoding: chunked\"."),
        ProtocolFault.TransferEncodingWithContentLength =>
            (400, "Transfer-Encoding and Content-Length are both given; send only one of them."),
        ProtocolFault.TransferEncodingOnHttp10 =>
            (400, "Transfer-Encoding came with HTTP/1.0, which doesn't know it; use Content-Length or HTTP/1.1."),
        ProtocolFault.ContentNotAllowed =>
            (400, "CONNECT and TRACE requests have no body; leave out Content-Length and Transfer-Encoding."),
        ProtocolFault.ConnectionInvalid => (400, "The Connection header is not a comma-separated list of tokens."),
        ProtocolFault.ExpectationUnknown => (417, "The Expect header asks for something other than 100-continue."),
        ProtocolFault.BodyTooLarge => (413, "The body is larger than the server's limit."),
        ProtocolFault.ChunkSizeInvalid => (400, "A chunk's size is not 1 to 16 hexadecimal digits followed by CR LF or an extension."),
        ProtocolFault.ChunkSizeOverflow => (400, "A chunk's size is larger than a signed 64-bit number."),
        ProtocolFault.ChunkExtensionInvalid =>
            (400, "A chunk extension is not of the form \";name\", \";name=token\" or \";name=\\\"text\\\"\"."),
        ProtocolFault.ChunkExtensionsTooLarge => (400, "The chunk extensions of this message are longer than the server's limit."),
        ProtocolFault.ChunkDataUnterminated => (400, "A chunk's data was not followed by CR LF; its size doesn't match its data."),
        ProtocolFault.TrailerForbidden => (400, "A trailer has a name that is only allowed among the headers."),
        ProtocolFault.TrailersTooLarge => (431, "The trailer block is longer than the server's limit."),
        ProtocolFault.Incomplete => (400, "The connection was closed before the message was complete."),
        ProtocolFault.TlsHandshake =>
            (400, "This looks like TLS; this port speaks plain HTTP, so connect with http:// instead of https://."),
        ProtocolFault.None => throw new ArgumentOutOfRangeException(nameof(fault), fault, "There is no fault to describe."),
        _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, "Not a fault of this protocol."),
    };
}
