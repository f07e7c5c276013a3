namespace Gyre.Http.Server;

/// <summary>
/// Tasks for BCL code, which awaits with <c>ConfigureAwait(false)</c>. Completed under a context, a task of an async method would send
/// such a continuation to the pool, from where nothing of the loop may be used; completed under none it goes on right here, on the
/// loop. Other continuations are posted to their own context, at the price of one turn.
/// </summary>
internal static class Homecoming
{
    public static ValueTask<T> Of<T>(ValueTask<T> task) => task.IsCompleted ? task : OfSlow(task);

    public static ValueTask Of(ValueTask task) => task.IsCompleted ? task : OfSlow(task);

    private static async ValueTask<T> OfSlow<T>(ValueTask<T> task)
    {
        try
        {
            return await task;
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(null);
        }
    }

    private static async ValueTask OfSlow(ValueTask task)
    {
        try
        {
            await task;
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(null);
        }
    }
}
