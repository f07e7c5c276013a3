using System.Text;
using Gyre.Http.Protocol;

namespace Gyre.Http.Middleware;

/// <summary>Lets requests that change something pass only when a page of this server's own sent them.</summary>
internal sealed class AntiforgeryMiddleware(Antiforgery antiforgery)
{
    public ValueTask Invoke(HttpContext context, HttpHandler next)
    {
        // RFC 9110 section 9.2.1: a safe method changes nothing, or the handler is at fault.
        if (context.Request.Method is RequestMethod.Get or RequestMethod.Head or RequestMethod.Options or RequestMethod.Trace)
        {
            return next(context);
        }

        string? refusal = !IsFromHere(context.Request) ? "The request comes from another site."
            : antiforgery.IsValid(context, context.Request.GetHeader(antiforgery.Options.HeaderName)) || IsLeftToHandler(context.Request) ? null
            : "The token against forged requests is missing, too old, or another browser's; load the page again.";
        if (refusal is null)
        {
            return next(context);
        }

        context.Response.SendError(403, refusal);
        return default;
    }

    /// <summary>Browsers say where a request comes from; what says nothing is no browser of these days, and needs a token all the same.</summary>
    private bool IsFromHere(HttpRequest request)
    {
        if (request.Headers.TryGetValue(KnownHeader.Origin, out ReadOnlySpan<byte> sent))
        {
            string origin = Encoding.Latin1.GetString(sent);
            bool isTrusted = antiforgery.Options.TrustedOrigins.Contains(origin, StringComparer.OrdinalIgnoreCase);
            return isTrusted || (origin.Equals($"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase) && IsSameOrigin(request));
        }

        return IsSameOrigin(request);
    }

    private static bool IsSameOrigin(HttpRequest request) =>
        !request.Headers.TryGetValue(KnownHeader.SecFetchSite, out ReadOnlySpan<byte> site) || site.SequenceEqual("same-origin"u8)
        || site.SequenceEqual("none"u8);

    private bool IsLeftToHandler(HttpRequest request) =>
        antiforgery.Options.LeavesFormsToHandlers && !request.Headers.TryGetValue(Encoding.Latin1.GetBytes(antiforgery.Options.HeaderName), out _)
        && request.Headers.TryGetValue(KnownHeader.ContentType, out ReadOnlySpan<byte> type) && IsForm(type);

    private static bool IsForm(ReadOnlySpan<byte> contentType)
    {
        int semicolon = contentType.IndexOf((byte)';');
        ReadOnlySpan<byte> type = ByteClasses.Trim(semicolon < 0 ? contentType : contentType[..semicolon]);
        return Ascii.EqualsIgnoreCase(type, "application/x-www-form-urlencoded"u8) || Ascii.EqualsIgnoreCase(type, "multipart/form-data"u8);
    }
}
