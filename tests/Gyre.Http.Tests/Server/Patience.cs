namespace Gyre.Http.Tests.Server;

/// <summary>How long a test waits for something that must happen before it says that it didn't; no test measures time.</summary>
internal static class Patience
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>On a loop nothing is limited: its harness limits the whole run, and a simulated world knows when it hangs.</summary>
    private static TimeSpan LimitHere => EventLoop.CurrentOrNull is null ? Limit : Timeout.InfiniteTimeSpan;

    public static Task<T> OrFail<T>(this Task<T> task) => task.WaitAsync(LimitHere);

    public static Task OrFail(this Task task) => task.WaitAsync(LimitHere);

    public static Task<T> OrFail<T>(this ValueTask<T> task) => task.AsTask().WaitAsync(LimitHere);

    public static Task OrFail(this ValueTask task) => task.AsTask().WaitAsync(LimitHere);
}
