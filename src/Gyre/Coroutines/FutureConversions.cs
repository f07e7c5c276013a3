using Gyre.Coroutines;
using Gyre.Loop;
using Gyre.LowLevel;

namespace Gyre;

/// <summary>From the BCL's tasks to futures.</summary>
public static class FutureConversions
{
    extension(Task task)
    {
        /// <summary>A future of the current loop that settles as the task does, wherever that is completed. Not a checkpoint.</summary>
        /// <param name="name">Its name in messages; null for none.</param>
        /// <exception cref="InvalidOperationException">The calling code isn't run by a loop.</exception>
        public Future AsFuture(string? name = null)
        {
            ArgumentNullException.ThrowIfNull(task);
            var future = new Future(name ?? "a foreign task");
            Follow(task, future, static (task, future) => ForeignOutcome.Settle(task, future));
            return future;
        }

        /// <summary>
        /// Awaits a foreign task so that a cancelled scope needn't wait for it: the wait ends, the task is abandoned, and a
        /// failure that it has later is the enclosing scope's. A checkpoint.
        /// </summary>
        /// <exception cref="OperationCanceledException">The scope or the token was cancelled, or the task was.</exception>
        /// <exception cref="InvalidOperationException">The calling code isn't run by a loop.</exception>
        public ValueTask Cancellable(CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(task);
            if (NeedsNoWait(task, cancellationToken, out Exception? refusal))
            {
                return refusal is null ? new ValueTask(task) : ValueTask.FromException(refusal);
            }

            return new ForeignWait(FollowedTask.Of(EventLoop.Current, task)).BeginAsync(cancellationToken);
        }
    }

    extension<T>(Task<T> task)
    {
        /// <inheritdoc cref="AsFuture(Task, string?)"/>
        public Future<T> AsFuture(string? name = null)
        {
            ArgumentNullException.ThrowIfNull(task);
            var future = new Future<T>(name ?? "a foreign task");
            Follow(task, future, static (task, future) => ForeignOutcome.Settle((Task<T>)task, future));
            return future;
        }

        /// <inheritdoc cref="Cancellable(Task, CancellationToken)"/>
        public ValueTask<T> Cancellable(CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(task);
            if (NeedsNoWait(task, cancellationToken, out Exception? refusal))
            {
                return refusal is null ? new ValueTask<T>(task) : ValueTask.FromException<T>(refusal);
            }

            var wait = new ForeignWait<T>(FollowedTask.Of(EventLoop.Current, task), task);
            wait.BeginAsync(cancellationToken);
            return wait.Typed;
        }
    }

    /// <summary>Whether the task has ended, or may not be waited for; <paramref name="refusal"/> is what to throw then.</summary>
    private static bool NeedsNoWait(Task task, CancellationToken token, out Exception? refusal)
    {
        ScopeContext scope = ScopeContext.OfCaller();
        refusal = null;
        if (task.IsCompleted)
        {
            return true;
        }

        refusal = WaitSource.CancellationOf(scope, token);
        if (refusal is not null)
        {
            // Abandoned before it was waited for, and its failure is no less somebody's.
            FollowedTask.Of(scope.Loop, task).OnAbandoned(scope);
        }

        return refusal is not null;
    }

    internal static void Follow<TFuture>(Task task, TFuture future, Action<Task, TFuture> settle)
        where TFuture : Waitable
    {
        if (task.IsCompleted)
        {
            settle(task, future);
            return;
        }

        // Through the pool's hands, or whoever completes it; from there home, unless the loop has ended by then.
        task.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(() =>
        {
            if (future.Loop.HasAccess)
            {
                settle(task, future);
            }
            else
            {
                var home = new Action(() => settle(task, future));
                future.Loop.TryPost(new ReadyItem(static state => ((Action)state!)(), home, future.Loop.Root, RestoreContext: false));
            }
        });
    }
}
