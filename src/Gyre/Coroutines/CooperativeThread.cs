using System.Runtime.CompilerServices;
using Gyre.Loop;

namespace Gyre;

/// <summary>
/// Runs blocking-style code on a loop: a synchronous parser, serializer, TLS or archive over Gyre's streams. Where such code
/// waits, its thread parks and the loop goes on.
/// </summary>
/// <remarks>
/// <para>Each is an OS thread; nothing is patched, and no stack is switched. The thread runs while it holds the loop's baton, so that exactly
/// one of them or the loop runs at a time: everything that belongs to the loop may be used, and between two waits
/// nothing else runs. One costs about 18 KB of memory while it waits, and a wait two switches between threads, a few µs.</para>
/// <para>What parks: synchronous reads and writes of Gyre's streams, <see cref="Sleep"/>, <c>future.Wait()</c>, and
/// <see cref="Await(ValueTask)"/> on anything else: a lock, a channel, a task. Such a wait is a checkpoint like any other. A blocking
/// call of the BCL (<c>task.Result</c>, a contended lock, a semaphore) gives the baton away too, after a millisecond, and isn't ended by
/// a cancellation. A call that blocks in the system without telling the runtime (<c>Thread.Sleep</c>, a file, the console) blocks the
/// loop, as it would in a coroutine; for those there is <c>Offload</c>.</para>
/// <para>The code runs in the coroutine and scope of whoever called <see cref="Run(Action)"/>, and must be awaited like any call.</para>
/// </remarks>
public static class CooperativeThread
{
    /// <summary>Whether the calling code runs in a cooperative thread, and may wait by blocking. Any thread.</summary>
    public static bool IsCurrent => BatonThread.Current is { Loop.HasAccess: true };

    /// <summary>
    /// Runs <paramref name="body"/> in a cooperative thread, at once, up to its first wait; awaiting the task waits for its end.
    /// A checkpoint only where the body waits.
    /// </summary>
    /// <param name="body">Blocking-style code.</param>
    /// <exception cref="OperationCanceledException">The scope was cancelled, and the body ended because of that.</exception>
    /// <exception cref="Exception">What the body threw.</exception>
    /// <exception cref="InvalidOperationException">The calling code isn't run by a loop.</exception>
    public static Task Run(Action body)
    {
        ArgumentNullException.ThrowIfNull(body);
        return RunAsync(EventLoop.Current, () =>
        {
            body();
            return true;
        });
    }

    /// <summary>As the other overload, for code that returns a value.</summary>
    /// <typeparam name="T">The type of the value.</typeparam>
    /// <inheritdoc cref="Run(Action)"/>
    public static Task<T> Run<T>(Func<T> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        return RunAsync(EventLoop.Current, body);
    }

    /// <summary>Waits for <paramref name="delay"/> on the loop's clock; parks this thread alone. A checkpoint, also when the delay is zero.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The delay is negative.</exception>
    /// <inheritdoc cref="Await(ValueTask)" path="/exception"/>
    public static void Sleep(TimeSpan delay, CancellationToken cancellationToken = default)
    {
        VerifyCurrent();
        Await(Coroutine.SleepAsync(delay, cancellationToken));
    }

    /// <summary>Gives way: this thread goes on in the loop's next turn. A checkpoint.</summary>
    /// <inheritdoc cref="Await(ValueTask)" path="/exception"/>
    public static void Yield()
    {
        VerifyCurrent();
        Await(Coroutine.YieldAsync());
    }

    /// <summary>Waits for <paramref name="task"/>, Gyre's or another; parks this thread alone, unless it is over already.</summary>
    /// <exception cref="OperationCanceledException">The wait was cancelled, or the loop has ended.</exception>
    /// <exception cref="Exception">What the task failed with.</exception>
    /// <exception cref="InvalidOperationException">This isn't a cooperative thread that its loop runs.</exception>
    public static void Await(ValueTask task)
    {
        ValueTaskAwaiter awaiter = task.GetAwaiter();
        if (!awaiter.IsCompleted)
        {
            ParkUntil(awaiter);
        }

        awaiter.GetResult();
    }

    /// <typeparam name="T">The type of the result.</typeparam>
    /// <inheritdoc cref="Await(ValueTask)"/>
    public static T Await<T>(ValueTask<T> task)
    {
        ValueTaskAwaiter<T> awaiter = task.GetAwaiter();
        if (!awaiter.IsCompleted)
        {
            ParkUntil(awaiter);
        }

        return awaiter.GetResult();
    }

    /// <inheritdoc cref="Await(ValueTask)"/>
    public static void Await(Task task)
    {
        ArgumentNullException.ThrowIfNull(task);
        if (!task.IsCompleted)
        {
            ParkUntil(task.GetAwaiter());
        }

        task.GetAwaiter().GetResult();
    }

    /// <typeparam name="T">The type of the result.</typeparam>
    /// <inheritdoc cref="Await(ValueTask)"/>
    public static T Await<T>(Task<T> task)
    {
        Await((Task)task);
        return task.GetAwaiter().GetResult();
    }

    /// <summary>Throws unless the calling code may wait by blocking; to be asked before anything is begun that would have to be undone.</summary>
    internal static BatonThread VerifyCurrent()
    {
        BatonThread? thread = BatonThread.Current;
        thread?.ThrowIfGivenUp();
        return thread is { Loop.HasAccess: true }
            ? thread
            : throw new InvalidOperationException(
                "Only a cooperative thread may wait by blocking; this code would block its loop. Await instead, or run the code in " +
                "CooperativeThread.Run(() => …), and without an await before this call in it: what follows an await runs on the loop's own thread.");
    }

    private static void ParkUntil<TAwaiter>(TAwaiter awaiter)
        where TAwaiter : ICriticalNotifyCompletion => VerifyCurrent().ParkUntil(awaiter);

    private static async Task<T> RunAsync<T>(EventLoop loop, Func<T> body)
    {
        ScopeContext scope = ScopeContext.Resolve(loop);
        scope.Enter();
        try
        {
            var run = new ThreadRun<T>(scope, body);
            run.Begin();
            return await run.Outcome;
        }
        finally
        {
            scope.Exit();
        }
    }

    private sealed class ThreadRun<T>(ScopeContext scope, Func<T> body)
    {
        private readonly TaskCompletionSource<T> _outcome = new();
        private readonly ExecutionContext? _flowed = ExecutionContext.Capture();

        public Task<T> Outcome => _outcome.Task;

        public void Begin() => scope.Loop.Batons.Rent().Begin(() =>
        {
            SynchronizationContext.SetSynchronizationContext(scope);
            if (_flowed is null)
            {
                RunBody();
            }
            else
            {
                ExecutionContext.Run(_flowed, static self => ((ThreadRun<T>)self!).RunBody(), this);
            }
        });

        private void RunBody()
        {
            T result = default!;
            Exception? thrown = null;
            try
            {
                result = body();
            }
#pragma warning disable CA1031 // Rethrown to whoever awaits the run.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                thrown = exception;
            }

            // Whoever awaits is queued. Completed under the context that he asked for, the task would go on with him right here: on
            // this thread's stack, which the thread would then be kept for.
            SynchronizationContext.SetSynchronizationContext(null);
            Settle(result, thrown);
        }

        private void Settle(T result, Exception? thrown)
        {
            if (thrown is null)
            {
                _outcome.SetResult(result);
            }
            else
            {
                _outcome.SetException(thrown);
            }
        }
    }
}
