using Gyre.Loop;
using Gyre.LowLevel;
using Gyre.Offloading;
using Gyre.Sync;

namespace Gyre;

/// <summary>Runs work that computes or blocks on the BCL's thread pool, while the loop goes on.</summary>
/// <remarks>
/// The caller's flow waits in its coroutine and scope. Limited, so that a burst of requests doesn't become a burst of threads.
/// Cancelled, the caller waits for the work, which sees it by <see cref="OffloadedWork.Token"/>; with
/// <see cref="OffloadOptions.AbandonOnCancel"/> it leaves the work behind. Execution context flows into the work.
/// </remarks>
public static class Offload
{
    /// <summary>
    /// How much a loop offloads at a time unless told otherwise. 40 is Trio's number: enough for work that mostly blocks, few enough
    /// for the scheduler.
    /// </summary>
    private const int DefaultTokens = 40;

    /// <summary>The limiter of the current loop for work that names none: 40 at a time; its total may be changed.</summary>
    /// <exception cref="InvalidOperationException">The calling code isn't run by a loop.</exception>
    public static CapacityLimiter DefaultLimiter
    {
        get
        {
            EventLoop loop = EventLoop.Current;
            return (CapacityLimiter)(loop.OffloadLimiter ??= new CapacityLimiter(DefaultTokens, $"the offload limit of loop '{loop.Name}'"));
        }
    }

    /// <summary>Runs <paramref name="work"/> on the thread pool and waits for it. A checkpoint.</summary>
    /// <param name="work">Runs on another thread: it must not touch what belongs to the loop, except by <see cref="OffloadedWork.Invoke(Action)"/>.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="cancellationToken">Cancels this work alone.</param>
    /// <exception cref="OperationCanceledException">
    /// The scope or the token was cancelled, and the work didn't begin, ended because of that, or was abandoned. Work that ends
    /// with a result all the same returns it.
    /// </exception>
    /// <exception cref="Exception">What the work threw.</exception>
    /// <exception cref="InvalidOperationException">The calling code isn't run by a loop.</exception>
    public static Task RunAsync(Action<OffloadedWork> work, OffloadOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        return RunAsync<bool>(
            offloaded =>
            {
                work(offloaded);
                return true;
            },
            options,
            cancellationToken);
    }

    /// <typeparam name="T">The type of the result.</typeparam>
    /// <inheritdoc cref="RunAsync(Action{OffloadedWork}, OffloadOptions?, CancellationToken)"/>
    public static async Task<T> RunAsync<T>(
        Func<OffloadedWork, T> work, OffloadOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        options ??= new OffloadOptions();
        EventLoop loop = EventLoop.Current;
        ScopeContext scope = ScopeContext.Resolve(loop);
        scope.Enter();
        try
        {
            CapacityLimiter limiter = options.Limiter ?? DefaultLimiter;
            var offloaded = new OffloadedWork(scope, options.Name ?? "offloaded work");
            BorrowedToken place = await limiter.AcquireOnBehalfOfAsync(offloaded, cancellationToken);
            if (WaitSource.CancellationOf(scope, cancellationToken) is { } cancellation)
            {
                // It struck behind the place in the same turn, and nothing would tell the work of it any more.
                place.Dispose();
                throw cancellation;
            }

            var run = new OffloadRun<T>(offloaded, work, place, options.AbandonOnCancel);
            return await run.RunAsync(cancellationToken);
        }
        finally
        {
            scope.Exit();
        }
    }

    /// <inheritdoc cref="RunAsync(Action{OffloadedWork}, OffloadOptions?, CancellationToken)"/>
    public static Task RunAsync(Action work, OffloadOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        return RunAsync(_ => work(), options, cancellationToken);
    }

    /// <typeparam name="T">The type of the result.</typeparam>
    /// <inheritdoc cref="RunAsync(Action{OffloadedWork}, OffloadOptions?, CancellationToken)"/>
    public static Task<T> RunAsync<T>(Func<T> work, OffloadOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        return RunAsync(_ => work(), options, cancellationToken);
    }
}
