using System.Globalization;
using System.Net;
using Gyre.Http.Protocol;

namespace Gyre.Http.Middleware;

/// <summary>A token bucket for each client's address.</summary>
internal sealed class ClientRateMiddleware(RateLimitOptions options)
{
    private const long NanosecondsPerSecond = 1_000_000_000;

    private readonly ClientBuckets _buckets = new(options);

    public ValueTask Invoke(HttpContext context, HttpHandler next)
    {
        // A client whose address isn't known, because its connection has ended meanwhile, can't be told apart from others like it.
        IPAddress client = context.Request.RemoteEndPoint?.Address ?? IPAddress.None;
        if (_buckets.TryTake(client, EventLoop.Current.Clock.GetTimestamp(), out long wait))
        {
            return next(context);
        }

        long seconds = (wait + NanosecondsPerSecond - 1) / NanosecondsPerSecond;
        context.Response.Headers.Set(KnownHeader.RetryAfter, seconds.ToString(CultureInfo.InvariantCulture));
        context.Response.SendError(options.StatusCode, "Too many requests.");
        return default;
    }
}
