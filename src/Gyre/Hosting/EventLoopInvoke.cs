using Gyre.Loop;
using Gyre.LowLevel;

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
        /// <remarks>Any thread. A checkpoint when the caller runs on a loop: in a cancelled scope the body isn't started.</remarks>
        /// <exception cref="OperationCanceledException">The body ended with a cancellation, the caller's included.</exception>
        /// <exception cref="ObjectDisposedException">The loop has ended, or ended before the body did.</exception>
        public Task<T> InvokeAsync<T>(Func<Task<T>> body)
        {
            ArgumentNullException.ThrowIfNull(loop);
            ArgumentNullException.ThrowIfNull(body);
            var call = new Call<T>(loop, body);
            if (EventLoop.CurrentOrNull is not { } here)
            {
                return call.RunAsync();
            }

            return WaitSource.CancellationOf(here, default) is { } cancellation
                ? Task.FromException<T>(cancellation)
                : call.RunFromAsync(ScopeContext.Resolve(here));
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

    /// <summary>One call: the coroutine on the other loop, and the task that the caller waits for.</summary>
    private sealed class Call<T>(EventLoop loop, Func<Task<T>> body)
    {
        private readonly TaskCompletionSource<T> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private Coroutine? _remote;

        /// <summary>The caller is no loop.</summary>
        public async Task<T> RunAsync()
        {
            Start();

            // A loop that dies gives up its coroutines; whoever waits for one from outside has to be told.
            using CancellationTokenRegistration ended = loop.Ended.UnsafeRegister(_ => _outcome.TrySetException(Ended()), null);
            return await _outcome.Task.ConfigureAwait(false);
        }

        /// <summary>The caller runs in a scope of a loop, which may be cancelled.</summary>
        public async Task<T> RunFromAsync(ScopeContext caller)
        {
            caller.Enter();
            try
            {
                Start();
                using CancellationTokenRegistration ended = loop.Ended.UnsafeRegister(_ => _outcome.TrySetException(Ended()), null);
                using CancellationTokenRegistration cancelled = caller.Token.UnsafeRegister(_ => Cancel(), null);
                return await _outcome.Task;
            }
            finally
            {
                caller.Exit();
            }
        }

        private void Start() => loop.PostFromAnyThread(() => _remote = loop.Spawn(CompleteAsync, "invoked from another loop"));

        /// <summary>The failure belongs to the caller, not to the run of the loop that happens to execute the body.</summary>
        private async Task CompleteAsync()
        {
            try
            {
                _outcome.TrySetResult(await body());
            }
            catch (OperationCanceledException cancellation) when (_remote is { Node.IsCancelled: true })
            {
                _outcome.TrySetCanceled(cancellation.CancellationToken);
            }
#pragma warning disable CA1031 // Given to the caller.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                _outcome.TrySetException(failure);
            }
        }

        private void Cancel()
        {
            var item = new ReadyItem(
                static self => ((Call<T>)self!)._remote?.Cancel("the caller was cancelled"), this, loop.Root, RestoreContext: false);

            // Refused when the loop has ended meanwhile, which ends the call as well.
            loop.TryPost(item);
        }

        private ObjectDisposedException Ended() =>
            new($"EventLoop '{loop.Name}'", $"Loop '{loop.Name}' ended before the work that was invoked on it did.");
    }
}
