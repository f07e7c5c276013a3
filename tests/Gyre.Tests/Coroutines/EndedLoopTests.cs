namespace Gyre.Tests;

/// <summary>Coroutines that come to their end when their loop has ended.</summary>
public sealed class EndedLoopTests
{
    [Fact]
    public void A_foreign_task_that_outlives_the_run_lets_its_coroutine_unwind_and_the_process_live()
    {
        var foreign = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var unwound = new ManualResetEventSlim();
        using var reported = new ManualResetEventSlim();
        OnLoop.Throws<TimeoutException>(
            async () =>
            {
                EventLoop.Current.Spawn(async () =>
                {
                    try
                    {
                        await foreign.Task;
                    }
                    finally
                    {
                        unwound.Set();
                    }
                });
                await OnLoop.TurnsAsync(2);
            },
            OnLoop.Options with { ShutdownGrace = TimeSpan.FromMilliseconds(20), Log = Look });
        foreign.SetException(new InvalidDataException("too late"));
        Assert.True(unwound.Wait(OnLoop.HangBound), "It never unwound.");
        Assert.True(reported.Wait(OnLoop.HangBound), "Nothing was reported.");

        void Look(string line)
        {
            if (line.Contains("too late", StringComparison.Ordinal))
            {
                reported.Set();
            }
        }
    }
}
