using System.Diagnostics;
using System.Text;

namespace Gyre.Http.Protocol;

/// <summary>
/// A validated request head: request line, headers, and what they mean for the message. One object for each reader,
/// filled anew by each <see cref="ReaderEvent.Head"/>; it and every span taken from it are good until
/// <see cref="RequestReader.Reset"/>, whatever becomes of the input. Reading it allocates nothing.
/// </summary>
[DebuggerDisplay("{ToString(),nq}")]
public sealed class RequestHead
{
    internal RequestHead(ByteStore store)
    {
        Store = store;
        Headers = new FieldSection(store);
    }

    /// <summary>The method, if it is a known one.</summary>
    public RequestMethod Method { get; internal set; }

    /// <summary>The method as received.</summary>
    public ReadOnlySpan<byte> MethodSpan => Text(MethodRange);

    /// <summary>HTTP/1.0 or HTTP/1.1.</summary>
    public ProtocolVersion Version { get; internal set; }

    /// <summary>Which form the target has; checked against the method.</summary>
    public TargetForm TargetForm { get; internal set; }

    /// <summary>The request target as received: visible ASCII without <c>#</c>, not decoded, never empty.</summary>
    public ReadOnlySpan<byte> TargetSpan => Text(TargetRange);

    /// <summary>
    /// The path as received, not decoded: starts with <c>/</c>, also for an absolute target that has none (RFC 9110
    /// section 4.2.3). <c>*</c> for the asterisk form, empty for the authority form.
    /// </summary>
    public ReadOnlySpan<byte> PathSpan => PathRange.Length > 0 || TargetForm != TargetForm.Absolute ? Text(PathRange) : "/"u8;

    /// <summary>What follows the first <c>?</c> of the target, as received; empty when there is none or nothing follows.</summary>
    public ReadOnlySpan<byte> QuerySpan => Text(QueryRange);

    /// <summary>
    /// The host and port that the request is for: of an absolute or authority target, which overrides the header (RFC
    /// 9112 section 3.2.2) and which the header agrees with; else the <c>Host</c> header. Valid, or empty when an
    /// HTTP/1.0 request names none.
    /// </summary>
    public ReadOnlySpan<byte> AuthoritySpan =>
        AuthorityRange.Length > 0 ? Text(AuthorityRange)
        : Headers.TryGetValue(KnownHeader.Host, out ReadOnlySpan<byte> host) ? host : default;

    /// <summary>The header lines, <see cref="FieldSection.Count"/> of them.</summary>
    public FieldSection Headers { get; }

    /// <summary>How the end of the body is marked: none, a length above zero, or chunks.</summary>
    public BodyFraming Framing { get; internal set; }

    /// <summary>The <c>Content-Length</c> in bytes, zero included; <see langword="null"/> when it wasn't sent.</summary>
    public long? ContentLength => ContentLengthOrMinusOne >= 0 ? ContentLengthOrMinusOne : null;

    /// <summary>Whether the body comes in chunks.</summary>
    public bool IsChunked => Framing == BodyFraming.Chunked;

    /// <summary>Whether body bytes, or at least a chunk, follow the head.</summary>
    public bool HasBody => Framing != BodyFraming.None;

    /// <summary>
    /// Whether the peer allows another request on this connection, RFC 9112 section 9.3: HTTP/1.1 without <c>close</c>,
    /// or HTTP/1.0 with <c>keep-alive</c> and without <c>close</c>.
    /// </summary>
    public bool KeepAlive { get; internal set; }

    /// <summary>
    /// Whether the peer waits for an interim 100 before it sends the body, RFC 9110 section 10.1.1. Never on HTTP/1.0,
    /// nor without a body.
    /// </summary>
    public bool ExpectContinue { get; internal set; }

    /// <summary>
    /// Whether the peer asks to switch protocols: HTTP/1.1, <c>upgrade</c> among the connection options, and a
    /// non-empty <c>Upgrade</c> header (RFC 9110 section 7.8). The server is free to ignore it.
    /// </summary>
    public bool IsUpgrade { get; internal set; }

    /// <summary>The request line as text.</summary>
    /// <returns>Method, target and version.</returns>
    public override string ToString() =>
        $"{Encoding.ASCII.GetString(MethodSpan)} {Encoding.ASCII.GetString(TargetSpan)} "
        + (Version == ProtocolVersion.Http10 ? "HTTP/1.0" : "HTTP/1.1");

    internal ByteStore Store { get; }

    internal TextRange MethodRange { get; set; }

    internal TextRange TargetRange { get; set; }

    internal TextRange PathRange { get; set; }

    internal TextRange QueryRange { get; set; }

    internal TextRange AuthorityRange { get; set; }

    /// <summary>The target begins with <c>https:</c>, so that the authority's port is 443 when it names none.</summary>
    internal bool IsHttpsTarget { get; set; }

    internal long ContentLengthOrMinusOne { get; set; }

    internal void Clear()
    {
        Headers.Clear();
        Method = RequestMethod.Other;
        MethodRange = TargetRange = PathRange = QueryRange = AuthorityRange = default;
        IsHttpsTarget = false;
        ContentLengthOrMinusOne = -1;
        Framing = BodyFraming.None;
        KeepAlive = ExpectContinue = IsUpgrade = false;
    }

    private ReadOnlySpan<byte> Text(TextRange range) => Store.Slice(range.Start, range.Length);
}
