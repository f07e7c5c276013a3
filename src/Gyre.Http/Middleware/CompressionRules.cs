using System.Text;
using Gyre.Http.Fields;
using Gyre.Http.Protocol;

namespace Gyre.Http.Middleware;

/// <summary>Which responses are compressed, and what that does to their heads.</summary>
internal sealed class CompressionRules
{
    private static readonly ContentCoding[] s_offered = [ContentCoding.Brotli, ContentCoding.Gzip];

    private readonly CompressionOptions _options;
    private readonly byte[][] _furtherTypes;

    public CompressionRules(CompressionOptions options)
    {
        _options = options;
        _furtherTypes = [.. options.FurtherTypes.Select(Encoding.UTF8.GetBytes)];
    }

    /// <summary>Chooses the coding of a response and changes its head accordingly; identity leaves the body as it is.</summary>
    /// <param name="context">Before the head is written.</param>
    /// <param name="length">Bytes of the body, if known.</param>
    public ContentCoding Apply(HttpContext context, long? length)
    {
        ResponseHeaders headers = context.Response.Headers;
        if (!IsForCompression(context.Response.StatusCode, headers) || (context.Request.IsHttps && !_options.OverHttps))
        {
            return ContentCoding.Identity;
        }

        // From here on it depends on the client, or on what a shared cache doesn't tell apart, whether it is compressed.
        AddVary(headers);
        if (context.Response.StatusCode == 304 || length < _options.BytesMin || (!_options.WithCredentials && HasCredentials(context)))
        {
            return ContentCoding.Identity;
        }

        ContentCoding coding = AcceptEncoding.Negotiate(context.Request.Headers, s_offered);
        if (coding is not (ContentCoding.Brotli or ContentCoding.Gzip))
        {
            return ContentCoding.Identity;
        }

        headers.Set(KnownHeader.ContentEncoding, AcceptEncoding.Name(coding));
        headers.Remove(KnownHeader.AcceptRanges);
        WeakenTag(headers);
        return coding;
    }

    private bool IsForCompression(int status, ResponseHeaders headers)
    {
        if (status is < 200 or 204 or 205 or 206 || headers.Contains(KnownHeader.ContentEncoding) || headers.Contains(KnownHeader.ContentRange)
            || HasDigest(headers) || HasToken(headers, KnownHeader.CacheControl, "no-transform"u8))
        {
            return false;
        }

        // A 304 has no type, and should have the Vary of the response that it stands for: RFC 9110 section 15.4.5.
        return headers.TryGetValue(KnownHeader.ContentType, out ReadOnlySpan<byte> type) ? IsCompressible(type) : status == 304;
    }

    private bool IsCompressible(ReadOnlySpan<byte> type)
    {
        if (MediaTypes.IsCompressible(type))
        {
            return true;
        }

        int semicolon = type.IndexOf((byte)';');
        ReadOnlySpan<byte> plain = ByteClasses.Trim(semicolon < 0 ? type : type[..semicolon]);
        foreach (byte[] further in _furtherTypes)
        {
            if (Ascii.EqualsIgnoreCase(plain, further))
            {
                return true;
            }
        }

        return false;
    }

    private static bool HasCredentials(HttpContext context) =>
        context.Request.Headers.Contains(KnownHeader.Cookie) || context.Request.Headers.Contains(KnownHeader.Authorization)
        || context.Response.Headers.Contains(KnownHeader.SetCookie);

    // RFC 9530: a digest is that of the coded bytes, which the handler doesn't know.
    private static bool HasDigest(ResponseHeaders headers) =>
        headers.TryGetValue("Repr-Digest"u8, out _) || headers.TryGetValue("Content-Digest"u8, out _) || headers.TryGetValue("Digest"u8, out _);

    private static void AddVary(ResponseHeaders headers)
    {
        if (!HasToken(headers, KnownHeader.Vary, "accept-encoding"u8) && !HasToken(headers, KnownHeader.Vary, "*"u8))
        {
            headers.Add(KnownHeader.Vary, "Accept-Encoding"u8);
        }
    }

    private static void WeakenTag(ResponseHeaders headers)
    {
        if (!headers.TryGetValue(KnownHeader.ETag, out ReadOnlySpan<byte> value) || value.StartsWith("W/"u8))
        {
            return;
        }

        const int BytesMax = 256;
        if (value.Length > BytesMax - 2)
        {
            headers.Remove(KnownHeader.ETag);
            return;
        }

        Span<byte> weak = stackalloc byte[BytesMax];
        "W/"u8.CopyTo(weak);
        value.CopyTo(weak[2..]);
        headers.Set(KnownHeader.ETag, weak[..(value.Length + 2)]);
    }

    /// <summary>Whether a list of tokens, on whatever lines, has one.</summary>
    private static bool HasToken(ResponseHeaders headers, KnownHeader header, ReadOnlySpan<byte> token)
    {
        if (!headers.Contains(header))
        {
            return false;
        }

        for (int i = 0; i < headers.Count; i++)
        {
            FieldLine line = headers[i];
            if (line.Known == header && HasToken(line.Value, token))
            {
                return true;
            }
        }

        return false;
    }

    private static bool HasToken(ReadOnlySpan<byte> value, ReadOnlySpan<byte> token)
    {
        foreach (Range range in value.Split((byte)','))
        {
            if (Ascii.EqualsIgnoreCase(ByteClasses.Trim(value[range]), token))
            {
                return true;
            }
        }

        return false;
    }
}
