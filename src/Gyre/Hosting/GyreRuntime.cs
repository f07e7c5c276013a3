using System.Runtime.InteropServices;
using Gyre.Drivers;
using Gyre.Hosting;

namespace Gyre;

/// <summary>The entry point: runs an async main on event loops of its own, in the manner of <c>asyncio.run</c>.</summary>
public static class GyreRuntime
{
    /// <summary>
    /// Runs <paramref name="main"/> as a coroutine on a new loop, on the calling thread, until it has ended. Ctrl-C and
    /// SIGTERM cancel it once; a second one ends the process. Leftovers are cancelled and awaited.
    /// </summary>
    /// <param name="main">The main coroutine.</param>
    /// <param name="options">How to run; null for the defaults.</param>
    /// <returns>Whether it completed or a signal interrupted it.</returns>
    /// <exception cref="TimeoutException">Leftovers ignored their cancellation for <see cref="RuntimeOptions.ShutdownGrace"/>; each
    /// is named.</exception>
    /// <exception cref="PlatformNotSupportedException">A forced driver can't work here.</exception>
    /// <exception cref="ArgumentException"><c>GYRE_DRIVER</c> holds a name that no driver has.</exception>
    /// <exception cref="OperationCanceledException">Main ended with a cancellation that no signal asked for.</exception>
    /// <exception cref="InvalidOperationException">A loop runs on this thread already, or not all loops could be started.</exception>
    /// <exception cref="Exception">What main, or a background coroutine, failed with, as itself.</exception>
    public static RunOutcome Run(Func<Task> main, RuntimeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(main);
        options ??= new RuntimeOptions();
        if (EventLoop.CurrentOrNull is { } outer)
        {
            throw new InvalidOperationException(
                $"Loop '{outer.Name}' runs on this thread already; GyreRuntime.Run can't run inside it. Await the work instead.");
        }

        DriverChoice choice = options.DriverFactory is { } factory
            ? new DriverChoice("custom", "made by an option", factory)
            : DriverSelection.Choose(options.Driver);
        var group = new EventLoopGroup(choice, options);
        try
        {
            return group.RunMain(main);
        }
        finally
        {
            group.Close();
        }
    }

    /// <summary>Runs <paramref name="main"/> and returns its value.</summary>
    /// <inheritdoc cref="Run(Func{Task}, RuntimeOptions?)"/>
    /// <exception cref="OperationCanceledException">Main ended with a cancellation, also when a signal asked for it.</exception>
    public static T Run<T>(Func<Task<T>> main, RuntimeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(main);
        T? result = default;
        RunOutcome outcome = Run(async () => { result = await main(); }, options);
        return outcome == RunOutcome.Completed
            ? result!
            : throw new OperationCanceledException("A signal interrupted the run before its main coroutine had a result.");
    }
}
