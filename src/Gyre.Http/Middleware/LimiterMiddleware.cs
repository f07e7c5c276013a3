using System.Globalization;
using System.Threading.RateLimiting;
using Gyre.Http.Protocol;

namespace Gyre.Http.Middleware;

/// <summary>Asks a limiter of the BCL.</summary>
internal sealed class LimiterMiddleware(PartitionedRateLimiter<HttpContext> limiter, int statusCode)
{
    public async ValueTask InvokeAsync(HttpContext context, HttpHandler next)
    {
        using RateLimitLease lease = await AcquireAsync(context);
        if (lease.IsAcquired)
        {
            await next(context);
            return;
        }

        if (lease.TryGetMetadata(MetadataName.RetryAfter, out TimeSpan after))
        {
            long seconds = Math.Max(1, (long)Math.Ceiling(after.TotalSeconds));
            context.Response.Headers.Set(KnownHeader.RetryAfter, seconds.ToString(CultureInfo.InvariantCulture));
        }

        context.Response.SendError(statusCode, "Too many requests.");
    }

    private ValueTask<RateLimitLease> AcquireAsync(HttpContext context)
    {
        RateLimitLease lease = limiter.AttemptAcquire(context);
        if (lease.IsAcquired)
        {
            return new ValueTask<RateLimitLease>(lease);
        }

        lease.Dispose();
        return limiter.AcquireAsync(context, 1, CancelScope.CurrentToken);
    }
}
