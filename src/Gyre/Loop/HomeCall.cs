namespace Gyre.Loop;

/// <summary>Carries a call from any thread to the loop of an object, and its outcome back: for what is handed out as a BCL type.</summary>
internal static class HomeCall
{
    /// <summary>Runs <paramref name="call"/> on the loop; the answer is given on the pool.</summary>
    public static Task<T> RunAsync<T>(EventLoop loop, object subject, Func<ValueTask<T>> call)
    {
        var outcome = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Action begin = () => CompleteAsync(call, outcome);
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
            lock (subject)
            {
                return call();
            }
        }

        T result = default!;
        loop.SendFromOtherThread(loop.Root, _ => result = call(), null);
        return result;
    }

    private static async void CompleteAsync<T>(Func<ValueTask<T>> call, TaskCompletionSource<T> outcome)
    {
        try
        {
            outcome.SetResult(await call());
        }
#pragma warning disable CA1031 // The failure belongs to the caller on the other thread.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            outcome.SetException(failure);
        }
    }
}
