using Gyre.Loop;

namespace Gyre;

/// <summary>Running work on another loop.</summary>
public static class EventLoopInvoke
{
    extension(EventLoop loop)
    {
        /// <summary>
        /// Runs <paramref name="body"/> as a coroutine on this loop and gives its outcome to the caller, wherever that runs. When
        /// the caller's scope is cancelled, the coroutine is cancelled and its end awaited.
        /// </summary>
        /// <remarks>Any thread.</remarks>
        /// <exception cref="ObjectDisposedException">The loop has ended.</exception>
        public async Task<T> InvokeAsync<T>(Func<Task<T>> body)
        {
            ArgumentNullException.ThrowIfNull(loop);
            ArgumentNullException.ThrowIfNull(body);
            CancellationToken token = EventLoop.CurrentOrNull is { } here ? ScopeContext.Resolve(here).Token : default;
            var outcome = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
            Coroutine? remote = null;
            loop.PostFromAnyThread(() => remote = loop.Spawn(() => CompleteAsync(body, outcome), "invoked from another loop"));
            using CancellationTokenRegistration registration = token.UnsafeRegister(
                _ => loop.PostFromAnyThread(() => remote?.Cancel("the caller was cancelled")), null);
            return await outcome.Task;
        }

        /// <summary>As the other overload, for work without a value.</summary>
        public Task InvokeAsync(Func<Task> body)
        {
            ArgumentNullException.ThrowIfNull(body);
            return loop.InvokeAsync(async () =>
            {
                await body();
                return true;
            });
        }
    }

    /// <summary>The failure belongs to the caller, not to the run of the loop that happens to execute the body.</summary>
    private static async Task CompleteAsync<T>(Func<Task<T>> body, TaskCompletionSource<T> outcome)
    {
        try
        {
            outcome.SetResult(await body());
        }
        catch (OperationCanceledException cancellation)
        {
            outcome.TrySetCanceled(cancellation.CancellationToken);
        }
#pragma warning disable CA1031 // Given to the caller.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            outcome.SetException(failure);
        }
    }
}
