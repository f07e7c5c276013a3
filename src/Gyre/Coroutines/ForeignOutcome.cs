using Gyre.Loop;

namespace Gyre.Coroutines;

/// <summary>Settles a future as a completed task.</summary>
internal static class ForeignOutcome
{
    public static void Settle(Task task, Future future)
    {
        if (task.IsCompletedSuccessfully)
        {
            future.TrySetResult();
        }
        else
        {
            SettleUnsuccessful(task, future);
        }
    }

    public static void Settle<T>(Task<T> task, Future<T> future)
    {
        if (task.IsCompletedSuccessfully)
        {
            future.TrySetResult(task.Result);
        }
        else
        {
            SettleUnsuccessful(task, future);
        }
    }

    private sealed record AbandonedFailure(Exception? Unseen) : ILostFailure;

    private static void SettleUnsuccessful(Task task, Waitable future)
    {
        try
        {
            task.GetAwaiter().GetResult();
        }
        catch (OperationCanceledException cancellation) when (task.IsCanceled)
        {
            future.SettleCancelled(cancellation);
        }
#pragma warning disable CA1031 // The exception is what is asked for.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            if (!future.SettleFailed(failure))
            {
                // It was cancelled, which abandons the task; its failure is the scope's, as that of every abandoned task.
                future.Scope.KeepUntilClosed(new AbandonedFailure(failure));
            }
        }
    }
}
