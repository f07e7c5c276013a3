namespace Gyre.Simulation;

/// <summary>Runs an async main as <see cref="GyreRuntime"/> does, but in a simulation: on one thread, in virtual time, by a seed.</summary>
public static class SimulatedRuntime
{
    /// <summary>The key under which a failure carries the seed that brought it about, in <see cref="Exception.Data"/>.</summary>
    public const string SeedKey = "Gyre.Simulation.Seed";

    /// <summary>
    /// Runs <paramref name="main"/> to its end and that of all it started. Call it again with the same seed for the same run.
    /// </summary>
    /// <param name="seed">Decides everything that chance decides.</param>
    /// <param name="main">The main coroutine.</param>
    /// <exception cref="SimulationDeadlockException">Somebody waits for what can't come any more.</exception>
    /// <exception cref="TimeoutException">Leftovers ignored their cancellation for five virtual seconds.</exception>
    /// <exception cref="InvalidOperationException">A loop runs on this thread already.</exception>
    /// <exception cref="Exception">What main failed with, as itself; its data holds the seed (<see cref="SeedKey"/>).</exception>
    public static void Run(int seed, Func<Task> main) => Run(new SimulationOptions { Seed = seed }, main);

    /// <summary>Runs <paramref name="main"/> and returns its value.</summary>
    /// <inheritdoc cref="Run(int, Func{Task})"/>
    public static T Run<T>(int seed, Func<Task<T>> main)
    {
        ArgumentNullException.ThrowIfNull(main);
        T? result = default;
        Run(new SimulationOptions { Seed = seed }, async () => { result = await main(); });
        return result!;
    }

    /// <summary>Runs <paramref name="main"/> with options.</summary>
    /// <inheritdoc cref="Run(int, Func{Task})"/>
    public static void Run(SimulationOptions options, Func<Task> main) => Run(new SimulatedNetwork(options), main);

    /// <summary>Runs <paramref name="main"/> on a network that the caller made, to look at afterwards.</summary>
    /// <inheritdoc cref="Run(int, Func{Task})"/>
    public static void Run(SimulatedNetwork network, Func<Task> main)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(main);
        try
        {
            Func<Task> watched = () =>
            {
                network.Main = Coroutine.Current;
                return main();
            };
            GyreRuntime.Run(watched, new RuntimeOptions { DriverFactory = network.CreateDriver, HandleSignals = false });
        }
        catch (Exception failure)
        {
            failure.Data[SeedKey] = network.Options.Seed;
            throw;
        }
    }
}
