using System.Globalization;
using System.Text;

namespace Gyre.Http.Middleware;

/// <summary>Sets headers that say the same in every response.</summary>
internal sealed class SecurityHeadersMiddleware(SecurityHeadersOptions options)
{
    private readonly byte[]? _hsts = options.HstsMaxAge is { } age
        ? Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"max-age={age.Ticks / TimeSpan.TicksPerSecond}")
            + (options.HstsIncludesSubDomains ? "; includeSubDomains" : ""))
        : null;

    public ValueTask Invoke(HttpContext context, HttpHandler next)
    {
        if (options.NoSniff)
        {
            context.Response.Headers.Set("X-Content-Type-Options"u8, "nosniff"u8);
        }

        // RFC 6797 section 7.2: never over http, where anybody could have written it.
        if (_hsts is not null && context.Request.IsHttps)
        {
            context.Response.Headers.Set("Strict-Transport-Security"u8, _hsts);
        }

        return next(context);
    }
}
