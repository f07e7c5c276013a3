using Gyre;
using Gyre.ChildProgram;

// What the tests of signals, of GYRE_DRIVER, of seccomp, of the descriptor limit and of moving listeners run as a process of
// its own; see ProcessTests, BlockedTests, ExhaustionTests and ListenerMoveTests.
return args switch
{
    ["wait"] => WaitForSignal(),
    ["stubborn"] => IgnoreCancellation(),
    ["driver"] => PrintDriver(),
    ["blocked", string errno] => BlockedRun.Run(errno),
    ["exhausted"] => ExhaustedRun.Run(),
    ["offer", string path] => ListenerRun.Offer(path),
    ["take", string path] => ListenerRun.Take(path),
    ["take-and-die", string path] => ListenerRun.TakeAndDie(path),
    ["inherit"] => ListenerRun.Inherit(),
    _ => throw new ArgumentException("Say wait, stubborn, driver, exhausted, inherit, blocked with an errno, or offer, take or take-and-die with a path."),
};

static int WaitForSignal()
{
    RunOutcome outcome = GyreRuntime.Run(async () =>
    {
        Console.WriteLine("ready");
        try
        {
            await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
        }
        finally
        {
            Console.WriteLine("cleaned up");
        }
    });
    Console.WriteLine(outcome);
    return outcome == RunOutcome.Interrupted ? 0 : 1;
}

static int IgnoreCancellation()
{
    GyreRuntime.Run(async () =>
    {
        Console.WriteLine("ready");
        await CancelScope.RunAsync(async scope =>
        {
            scope.Shield = true;
            while (!Coroutine.Current!.IsCancelled)
            {
                await Coroutine.SleepAsync(TimeSpan.FromMilliseconds(1));
            }

            Console.WriteLine("asked to end");
            await Coroutine.SleepAsync(Timeout.InfiniteTimeSpan);
        });
    });
    return 0;
}

static int PrintDriver()
{
    try
    {
        GyreRuntime.Run(() =>
        {
            Console.WriteLine($"{EventLoopGroup.Current.DriverName}: {EventLoopGroup.Current.DriverReason}");
            return Task.CompletedTask;
        });
        return 0;
    }
    catch (Exception failure) when (failure is ArgumentException or PlatformNotSupportedException)
    {
        Console.WriteLine(failure.Message);
        return 1;
    }
}
