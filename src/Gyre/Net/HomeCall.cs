using Gyre.Loop;

namespace Gyre.Net;

/// <summary>Carries a call from any thread to the loop of a connection, and its outcome back.</summary>
internal static class HomeCall
{
    public static Task<T> RunAsync<T>(TcpConnection connection, Func<ValueTask<T>> call)
    {
        var outcome = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(connection, () => CompleteAsync(call, outcome), outcome);
        return outcome.Task;
    }

    public static Task RunAsync(TcpConnection connection, Func<ValueTask> call) =>
        RunAsync(connection, async () =>
        {
            await call();
            return true;
        });

    private static void Post<T>(TcpConnection connection, Action action, TaskCompletionSource<T> outcome)
    {
        EventLoop loop = connection.Loop;
        if (!loop.TryPost(new ReadyItem(static state => ((Action)state!)(), action, loop.Root, RestoreContext: true)))
        {
            outcome.SetException(new IOException($"{connection} is closed: its loop '{loop.Name}' has ended."));
        }
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
