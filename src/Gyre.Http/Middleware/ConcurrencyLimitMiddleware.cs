using System.Threading.RateLimiting;
using Gyre.Http.Protocol;

namespace Gyre.Http.Middleware;

/// <summary>Lets so many requests in at a time, and so many wait.</summary>
/// <remarks>The limiter is the BCL's: every loop shares it, and it has no timer. Whoever waits for it does so in its own scope.</remarks>
internal sealed class ConcurrencyLimitMiddleware
{
    private readonly ConcurrencyLimiter _limiter;
    private readonly int _queueMax;
    private readonly TimeSpan _queueTimeout;

    public ConcurrencyLimitMiddleware(int max, int queueMax, TimeSpan queueTimeout)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(queueMax);
        if (queueTimeout < TimeSpan.Zero && queueTimeout != Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentOutOfRangeException(
                nameof(queueTimeout), queueTimeout, "The time in the queue can't be negative; use Timeout.InfiniteTimeSpan for any.");
        }

        _queueMax = queueMax;
        _queueTimeout = queueTimeout;
        _limiter = new ConcurrencyLimiter(new ConcurrencyLimiterOptions
        {
            PermitLimit = max,
            QueueLimit = queueMax,
            QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
        });
    }

    public async ValueTask InvokeAsync(HttpContext context, HttpHandler next)
    {
        using RateLimitLease? lease = _limiter.AttemptAcquire() is { IsAcquired: true } free ? free : await QueueAsync();
        if (lease is { IsAcquired: true })
        {
            await next(context);
            return;
        }

        context.Response.Headers.Set(KnownHeader.RetryAfter, "1"u8);
        context.Response.SendError(503, "The server is busy; try again in a second.");
    }

    /// <summary>Waits for a place; null, or a lease that isn't acquired, when there is none in time.</summary>
    private async ValueTask<RateLimitLease?> QueueAsync()
    {
        if (_queueMax == 0)
        {
            return null;
        }

        RateLimitLease? lease = null;
        await CancelScope.MoveOnAfterAsync(_queueTimeout, async scope => lease = await _limiter.AcquireAsync(1, scope.Token));
        return lease;
    }
}
