namespace Gyre.Loop;

/// <summary>Carries a call from any thread to the loop of an object, and its outcome back: for what is handed out as a BCL type.</summary>
internal static class HomeCall
{
    /// <summary>Runs <paramref name="call"/> on the loop; the answer is given on the pool.</summary>
    public static Task<T> RunAsync<T>(EventLoop loop, object subject, Func<ValueTask<T>> call)
    {
        var outcome = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Action begin = () => AnswerAsync(call).ContinueWith(
            static (answered, state) => ((TaskCompletionSource<T>)state!).SetFromTask(answered),
            outcome,
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        if (!loop.TryPost(new ReadyItem(static state => ((Action)state!)(), begin, loop.Root, RestoreContext: true)))
        {
            outcome.SetException(new IOException($"{subject} is closed: its loop '{loop.Name}' has ended."));
        }

        return outcome.Task;
    }

    /// <inheritdoc cref="RunAsync{T}"/>
    public static Task RunAsync(EventLoop loop, object subject, Func<ValueTask> call) =>
        RunAsync(loop, subject, async () =>
        {
            await call();
            return true;
        });

    /// <summary>
    /// Runs <paramref name="call"/> on the loop and blocks this thread until it has. Once the loop has ended there is nobody to disturb, and it
    /// runs right here.
    /// </summary>
    /// <exception cref="InvalidOperationException">This is the thread of another loop, which must not be blocked.</exception>
    public static T Run<T>(EventLoop loop, object subject, Func<T> call)
    {
        if (EventLoop.CurrentOrNull is { } other)
        {
            throw new InvalidOperationException(
                $"{subject} belongs to loop '{loop.Name}' and was asked from loop '{other.Name}', which would have to block for the answer. " +
                "Use its …Async members there, or a channel between loops.");
        }

        if (loop.Ended.IsCancellationRequested)
        {
            lock (loop.Root)
            {
                return call();
            }
        }

        T result = default!;
        loop.SendFromOtherThread(loop.Root, _ => result = call(), null);
        return result;
    }

    /// <summary>A task of its own turns what a call throws at once into an answer too, and a cancellation into a cancelled one.</summary>
    private static async Task<T> AnswerAsync<T>(Func<ValueTask<T>> call) => await call();
}
