using Gyre;

// What the tests of signals and of GYRE_DRIVER run as a process of its own; see ProcessTests.
return args switch
{
    ["wait"] => WaitForSignal(),
    ["stubborn"] => IgnoreCancellation(),
    ["driver"] => PrintDriver(),
    _ => throw new ArgumentException("Say wait, stubborn or driver."),
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
