namespace Gyre.Http.Protocol;

/// <summary>
/// The rules whose breach ends a connection, one name each. <see cref="ProtocolError.StatusCode"/> has the answer.
/// </summary>
public enum ProtocolFault : byte
{
    /// <summary>Nothing is wrong.</summary>
    None,

    /// <summary>400. RFC 9112 section 2.2: a recipient may accept LF alone; we don't, since peers disagree about it.</summary>
    BareLineFeed,

    /// <summary>400. RFC 9112 section 2.2: CR that LF doesn't follow is invalid.</summary>
    BareCarriageReturn,

    /// <summary>400. RFC 9112 section 2.2 asks to ignore one empty line before a request line; we ignore exactly one.</summary>
    BlankLines,

    /// <summary>400. RFC 9112 section 3.</summary>
    RequestLineMalformed,

    /// <summary>400. RFC 9110 section 9.1: a method is a token.</summary>
    MethodInvalid,

    /// <summary>501. RFC 9112 section 3: a method longer than any implemented one.</summary>
    MethodTooLong,

    /// <summary>414. RFC 9112 section 3.</summary>
    RequestLineTooLong,

    /// <summary>400. RFC 9112 section 2.3: the name is case-sensitive.</summary>
    VersionMalformed,

    /// <summary>505. RFC 9110 section 15.6.6.</summary>
    VersionUnsupported,

    /// <summary>505. RFC 9113 section 3.4: the connection preface of HTTP/2.</summary>
    Http2Preface,

    /// <summary>400. RFC 9112 section 3.2: only visible ASCII; spaces, control and other bytes are percent-encoded.</summary>
    TargetInvalid,

    /// <summary>400. RFC 9110 section 4.2.5: a fragment is never sent.</summary>
    TargetFragment,

    /// <summary>400. RFC 9112 section 3.2: which form goes with which method.</summary>
    TargetFormMismatch,

    /// <summary>400. RFC 9110 section 4.2: http and https only, with a host and without user information.</summary>
    TargetAuthorityInvalid,

    /// <summary>400. RFC 9112 section 5.2: obs-fold; also white space before the first header line.</summary>
    FoldedLine,

    /// <summary>400. RFC 9112 section 5.1.</summary>
    SpaceBeforeColon,

    /// <summary>400. RFC 9110 section 5.1: a name is a token.</summary>
    HeaderNameInvalid,

    /// <summary>400. RFC 9112 section 5.</summary>
    ColonMissing,

    /// <summary>400. RFC 9110 section 5.5: no control bytes but HTAB.</summary>
    HeaderValueInvalid,

    /// <summary>431. RFC 6585 section 5.</summary>
    HeaderBlockTooLarge,

    /// <summary>431. RFC 6585 section 5.</summary>
    HeadersTooMany,

    /// <summary>400. RFC 9112 section 3.2.</summary>
    HostMissing,

    /// <summary>400. RFC 9112 section 3.2.</summary>
    HostRepeated,

    /// <summary>400. RFC 9110 section 7.2.</summary>
    HostInvalid,

    /// <summary>400. RFC 9112 section 3.2: Host is identical to the target's authority.</summary>
    HostMismatch,

    /// <summary>400. RFC 9110 section 8.6; leading zeros and tabs are refused because peers disagree about them.</summary>
    ContentLengthInvalid,

    /// <summary>400. RFC 9110 section 8.6: recipients must prevent overflow.</summary>
    ContentLengthOverflow,

    /// <summary>400. RFC 9112 section 6.3 allows equal repetitions to be merged; we refuse them, since peers disagree.</summary>
    ContentLengthRepeated,

    /// <summary>400. RFC 9112 section 6.3: when chunked isn't the last coding, the length can't be known.</summary>
    TransferEncodingInvalid,

    /// <summary>501. RFC 9112 section 6.1: a coding that isn't understood, before a final chunked.</summary>
    TransferEncodingUnsupported,

    /// <summary>400. One line only, so that nothing depends on how lines are joined.</summary>
    TransferEncodingRepeated,

    /// <summary>400. RFC 9112 section 6.1: an attempt at request smuggling.</summary>
    TransferEncodingWithContentLength,

    /// <summary>400. RFC 9112 section 6.1: faulty framing.</summary>
    TransferEncodingOnHttp10,

    /// <summary>400. RFC 9110 sections 9.3.6 and 9.3.8: CONNECT and TRACE have no content.</summary>
    ContentNotAllowed,

    /// <summary>400. RFC 9110 section 7.6.1: a list of tokens.</summary>
    ConnectionInvalid,

    /// <summary>417. RFC 9110 section 10.1.1.</summary>
    ExpectationUnknown,

    /// <summary>413. RFC 9110 section 15.5.14.</summary>
    BodyTooLarge,

    /// <summary>400. RFC 9112 section 7.1: hexadecimal digits only, 16 at most.</summary>
    ChunkSizeInvalid,

    /// <summary>400. RFC 9112 section 7.1: recipients must prevent overflow.</summary>
    ChunkSizeOverflow,

    /// <summary>400. RFC 9112 section 7.1.1.</summary>
    ChunkExtensionInvalid,

    /// <summary>400. RFC 9112 section 7.1.1 asks for a limit and a 4xx of our choice.</summary>
    ChunkExtensionsTooLarge,

    /// <summary>400. RFC 9112 section 7.1.</summary>
    ChunkDataUnterminated,

    /// <summary>400. RFC 9110 section 6.5.1: framing, routing, authentication, modifiers, content format.</summary>
    TrailerForbidden,

    /// <summary>431. RFC 6585 section 5.</summary>
    TrailersTooLarge,

    /// <summary>400. RFC 9112 section 8.</summary>
    Incomplete,

    /// <summary>400. RFC 8446 section 5.1: a TLS handshake record, on a port without TLS.</summary>
    TlsHandshake,
}
