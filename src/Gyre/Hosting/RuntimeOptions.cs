using Gyre.Drivers;

namespace Gyre;

/// <summary>How <see cref="GyreRuntime"/> runs.</summary>
public sealed record RuntimeOptions
{
    /// <summary>The backend; default <see cref="DriverKind.Auto"/>. Forcing one that can't work is an error that says why.</summary>
    public DriverKind Driver { get; init; }

    /// <summary>
    /// Makes the driver of each loop, on the loop's thread; overrides <see cref="Driver"/>. For a simulation, or a backend of
    /// your own. Default null.
    /// </summary>
    public Func<Driver>? DriverFactory { get; init; }

    /// <summary>
    /// Loops, each on its own thread; the main coroutine runs on the first, on the calling thread. Default 1; 0 stands for one
    /// per core that this process may use (limits of a container count). More loops than cores only cost switches.
    /// </summary>
    public int Loops { get; init; } = 1;

    /// <summary>
    /// How long leftovers (background coroutines, flows nobody awaited) may take to end once they were cancelled, before the
    /// run fails and names them. Default 5 s.
    /// </summary>
    public TimeSpan ShutdownGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether Ctrl-C and SIGTERM cancel the main coroutine (a second one ends the process at once). Default true.</summary>
    public bool HandleSignals { get; init; } = true;

    /// <summary>A loop that hasn't turned for this long is reported with the coroutine that holds it. Default 1 s.</summary>
    public TimeSpan StallThreshold { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Takes the few lines that the runtime says unasked (a stalled loop, a flow left behind); any thread. Default: standard
    /// error.
    /// </summary>
    public Action<string> Log { get; init; } = static line => Console.Error.WriteLine(line);
}
