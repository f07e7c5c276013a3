namespace Gyre.Simulation;

/// <summary>Runs a program in a simulated world: virtual time, an in-memory network, order by seed.</summary>
public static class SimulatedRuntime
{
    /// <summary>As <see cref="GyreRuntime.Run(Func{Task}, RuntimeOptions?)"/>, in a world of its own made from <paramref name="seed"/>.</summary>
    /// <param name="seed">Replays the run that it made before.</param>
    /// <param name="main">The main coroutine.</param>
    /// <exception cref="SimulationDeadlockException">Nothing can happen any more, and main hasn't ended.</exception>
    /// <exception cref="Exception">What main, or a background coroutine, failed with, as itself.</exception>
    public static RunOutcome Run(int seed, Func<Task> main) => Run(new SimulationOptions { Seed = seed }, main);

    /// <inheritdoc cref="Run(int, Func{Task})"/>
    /// <param name="options">What the world is like.</param>
    /// <param name="main">The main coroutine.</param>
    public static RunOutcome Run(SimulationOptions options, Func<Task> main)
    {
        ArgumentNullException.ThrowIfNull(options);
        return GyreRuntime.Run(main, new RuntimeOptions
        {
            DriverFactory = () => new SimulatedDriver(options),
            HandleSignals = false,
        });
    }
}
