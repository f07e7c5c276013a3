using System.Security.Cryptography;
using System.Text;
using Gyre.Http.Fields;
using Gyre.Http.Protocol;
using Gyre.Http.Server;

namespace Gyre.Http.Middleware;

/// <summary>Takes the id of a trusted caller, or makes one.</summary>
internal sealed class RequestIdMiddleware
{
    private const int PrefixCharactersMax = 40;
    private const int PrefixBytesRandom = 4;

    // W3C Trace Context section 3.2.2: version, trace id, parent id, flags.
    private const int TraceParentLength = 55;
    private const int TraceIdStart = 3;
    private const int TraceIdLength = 32;

    private readonly byte[] _header;
    private readonly TrustedProxies _trusted;
    private readonly bool _usesTraceParent;
    private readonly string _prefix;

    public RequestIdMiddleware(RequestIdOptions options)
    {
        _header = Encoding.UTF8.GetBytes(options.HeaderName);
        if (!ByteClasses.IsToken(_header))
        {
            throw new ArgumentException($"'{options.HeaderName}' is no name of a header: use letters, digits and hyphens.", nameof(options));
        }

        if (options.Prefix is { } prefix && (prefix.Length > PrefixCharactersMax || !RequestIds.IsValid(prefix)))
        {
            throw new ArgumentException(
                $"The prefix of request ids has {prefix.Length} characters; it must have 1 to {PrefixCharactersMax}, visible ASCII.", nameof(options));
        }

        _trusted = new TrustedProxies(options.TrustedNetworks);
        _usesTraceParent = options.UsesTraceParent;
        _prefix = options.Prefix ?? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(PrefixBytesRandom));
    }

    public ValueTask Invoke(HttpContext context, HttpHandler next)
    {
        string id = GivenId(context) ?? $"{_prefix}-{context.RequestId}";
        context.RequestId = id;
        Span<byte> bytes = stackalloc byte[RequestIds.CharactersMax];
        context.Response.Headers.Set(_header, bytes[..Encoding.ASCII.GetBytes(id, bytes)]);
        return next(context);
    }

    private string? GivenId(HttpContext context)
    {
        if (context.Request.PeerEndPoint is not { } peer || !_trusted.Contains(peer.Address))
        {
            return null;
        }

        FieldSection headers = context.Request.Headers;
        if (headers.TryGetValue(_header, out ReadOnlySpan<byte> given) && given.Length <= RequestIds.CharactersMax
            && Encoding.Latin1.GetString(given) is var id && RequestIds.IsValid(id))
        {
            return id;
        }

        return _usesTraceParent && headers.TryGetValue("traceparent"u8, out ReadOnlySpan<byte> parent) ? TraceId(parent) : null;
    }

    /// <summary>The trace id of a <c>traceparent</c>; null when it isn't valid. All zeros, and version ff, are invalid.</summary>
    private static string? TraceId(ReadOnlySpan<byte> parent)
    {
        if (parent.Length != TraceParentLength || parent[2] != (byte)'-' || parent[35] != (byte)'-' || parent[52] != (byte)'-'
            || parent.StartsWith("ff"u8))
        {
            return null;
        }

        ReadOnlySpan<byte> traceId = parent.Slice(TraceIdStart, TraceIdLength);
        bool isValid = IsHex(parent[..2]) && IsHex(traceId) && IsHex(parent[36..52]) && IsHex(parent[53..])
            && traceId.ContainsAnyExcept((byte)'0') && parent[36..52].ContainsAnyExcept((byte)'0');
        return isValid ? Encoding.ASCII.GetString(traceId) : null;
    }

    private static bool IsHex(ReadOnlySpan<byte> text) => !text.ContainsAnyExcept("0123456789abcdef"u8);
}
