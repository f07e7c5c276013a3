using Gyre.Loop;

namespace Gyre;

/// <summary>Scopes around blocking-style code, which has no <c>await</c> to enter one with.</summary>
public sealed partial class CancelScope
{
    /// <summary>Runs <paramref name="body"/> in a scope of its own, in a cooperative thread.</summary>
    /// <returns>The scope; <see cref="CancelledCaught"/> tells whether it ended the body.</returns>
    /// <remarks>
    /// Not a checkpoint by itself. Exceptions of the body pass through, but for the cancellation that this scope asked for.
    /// </remarks>
    /// <exception cref="InvalidOperationException">This isn't a cooperative thread that its loop runs.</exception>
    public static CancelScope Run(Action<CancelScope> body) => Blocking(body, RunAsync);

    /// <summary>Runs <paramref name="body"/> in a cooperative thread; when <paramref name="timeout"/> passes first, cancels it and goes on behind it.</summary>
    /// <inheritdoc cref="Run" path="/returns"/>
    /// <exception cref="ArgumentOutOfRangeException">The time-out is negative.</exception>
    /// <exception cref="InvalidOperationException">This isn't a cooperative thread that its loop runs.</exception>
    public static CancelScope MoveOnAfter(TimeSpan timeout, Action<CancelScope> body) => Blocking(body, inner => MoveOnAfterAsync(timeout, inner));

    /// <summary>Runs <paramref name="body"/> in a cooperative thread; when <paramref name="timeout"/> passes first, cancels it and throws.</summary>
    /// <exception cref="TimeoutException">The time-out passed and ended the body.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The time-out is negative.</exception>
    /// <exception cref="InvalidOperationException">This isn't a cooperative thread that its loop runs.</exception>
    public static void FailAfter(TimeSpan timeout, Action<CancelScope> body) =>
        Blocking(body, async inner =>
        {
            await FailAfterAsync(timeout, inner);
            return null!;
        });

    /// <summary>What waits in the body waits on this thread's stack, so the scope's task is over as soon as it is there.</summary>
    private static CancelScope Blocking(Action<CancelScope> body, Func<Func<CancelScope, Task>, Task<CancelScope>> run)
    {
        ArgumentNullException.ThrowIfNull(body);
        BatonThread.Current?.ThrowIfGivenUp();
        if (BatonThread.Current is not { Loop.HasAccess: true })
        {
            throw new InvalidOperationException(
                "Only a cooperative thread may run blocking-style code in a scope; it would block its loop. Use the …Async form with an async " +
                "body, or run the code in CooperativeThread.Run(() => …).");
        }

        return run(scope =>
        {
            body(scope);
            return Task.CompletedTask;
        }).GetAwaiter().GetResult();
    }
}
