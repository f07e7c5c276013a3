using System.Threading.RateLimiting;
using Gyre.Http.Middleware;

namespace Gyre.Http;

public static partial class MiddlewareExtensions
{
    /// <summary>
    /// Lets at most <paramref name="max"/> requests in at a time, on all loops together; others wait in a queue, and whoever finds it full
    /// or waits too long gets 503 with <c>Retry-After: 1</c>.
    /// </summary>
    /// <remarks>
    /// For what is scarce behind some routes, a database say; <see cref="HttpServerOptions.RequestsPerLoopMax"/> guards the whole server and
    /// is cheaper. First come, first served. The permit is given back however the request ends. Allocates a lease for each request.
    /// </remarks>
    /// <param name="app">A server or a group.</param>
    /// <param name="max">Requests at a time, at least 1.</param>
    /// <param name="queueMax">Requests that may wait; default 0. Risk of more: clients wait for answers that they no longer want.</param>
    /// <param name="queueTimeout">How long one may wait; default 5 s, about what a person waits for.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number or time that can't be.</exception>
    /// <exception cref="InvalidOperationException">The server serves already.</exception>
    public static TBuilder UseConcurrencyLimit<TBuilder>(this TBuilder app, int max, int queueMax = 0, TimeSpan? queueTimeout = null)
        where TBuilder : RouteBuilder
    {
        ArgumentNullException.ThrowIfNull(app);
        app.AddMiddleware(new ConcurrencyLimitMiddleware(max, queueMax, queueTimeout ?? TimeSpan.FromSeconds(5)).InvokeAsync);
        return app;
    }

    /// <summary>
    /// Lets each client make so many requests in a time, on all loops together; more are answered 429 with <c>Retry-After</c>. A token
    /// bucket for each address, on the loop's clock.
    /// </summary>
    /// <remarks>
    /// The client is <see cref="HttpRequest.RemoteEndPoint"/>: behind a proxy add <c>UseForwardedHeaders</c> before, or all clients share the
    /// proxy's bucket. Costs about 50 bytes of memory for each client, up to <see cref="RateLimitOptions.ClientsMax"/>; allocates nothing
    /// for one that is known.
    /// </remarks>
    /// <param name="app">A server or a group.</param>
    /// <param name="options">How many, and of whom.</param>
    /// <exception cref="InvalidOperationException">The server serves already.</exception>
    public static TBuilder UseRateLimit<TBuilder>(this TBuilder app, RateLimitOptions options)
        where TBuilder : RouteBuilder
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(options);
        app.AddMiddleware(new ClientRateMiddleware(options).Invoke);
        return app;
    }

    /// <summary>
    /// Lets requests pass as a limiter of the BCL says, keyed by whatever it likes; those that it refuses are answered
    /// <paramref name="statusCode"/>, with <c>Retry-After</c> when it knows.
    /// </summary>
    /// <remarks>
    /// A limiter's own clock and timers are real time and the thread pool's, also in a simulation: replenishing happens there, and
    /// those who wait come home to their loop. A request that is cancelled leaves the limiter's queue, and a lease is given back however the
    /// request ends. The limiter's keys are asked for on the loop: they must not block.
    /// </remarks>
    /// <param name="app">A server or a group.</param>
    /// <param name="limiter">Shared by all loops; disposed of by whoever made it, behind the server.</param>
    /// <param name="statusCode">400 to 599; default 429.</param>
    /// <exception cref="ArgumentOutOfRangeException">Another status.</exception>
    /// <exception cref="InvalidOperationException">The server serves already.</exception>
    public static TBuilder UseRateLimit<TBuilder>(this TBuilder app, PartitionedRateLimiter<HttpContext> limiter, int statusCode = 429)
        where TBuilder : RouteBuilder
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(limiter);
        if (statusCode is < 400 or > 599)
        {
            throw new ArgumentOutOfRangeException(nameof(statusCode), statusCode, "The status of a refusal is from 400 to 599.");
        }

        app.AddMiddleware(new LimiterMiddleware(limiter, statusCode).InvokeAsync);
        return app;
    }
}
