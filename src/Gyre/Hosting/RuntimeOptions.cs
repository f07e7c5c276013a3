using Gyre.Drivers;

namespace Gyre;

/// <summary>How <see cref="GyreRuntime"/> runs.</summary>
public sealed record RuntimeOptions
{
    /// <summary>More threads than any machine has cores; beyond it the number is a slip of the pen.</summary>
    private const int LoopsMax = 1024;

    /// <summary>Below it the thread that looks would be busy with nothing else.</summary>
    private static readonly TimeSpan s_stallThresholdMin = TimeSpan.FromMilliseconds(10);

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
    /// <exception cref="ArgumentOutOfRangeException">Negative, or more than 1,024.</exception>
    public int Loops
    {
        get;
        init => field = value is >= 0 and <= LoopsMax
            ? value
            : throw new ArgumentOutOfRangeException(
                nameof(Loops), value, $"The number of loops is from 1 to {LoopsMax}, or 0 for one per core.");
    } = 1;

    /// <summary>
    /// How long leftovers (background coroutines, flows nobody awaited) may take to end once they were cancelled, before the
    /// run fails and names them. Default 5 s; <see cref="Timeout.InfiniteTimeSpan"/> waits for ever.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative.</exception>
    public TimeSpan ShutdownGrace
    {
        get;
        init => field = value >= TimeSpan.Zero || value == Timeout.InfiniteTimeSpan
            ? value
            : throw new ArgumentOutOfRangeException(
                nameof(ShutdownGrace), value, "The grace is a time from zero, or Timeout.InfiniteTimeSpan to wait for ever.");
    } = TimeSpan.FromSeconds(5);

    /// <summary>Whether Ctrl-C and SIGTERM cancel the main coroutine (a second one ends the process at once). Default true.</summary>
    public bool HandleSignals { get; init; } = true;

    /// <summary>
    /// A loop that hasn't turned for this long is reported with the coroutine that holds it. Default 1 s;
    /// <see cref="Timeout.InfiniteTimeSpan"/> switches it off. A thread looks four times in that span, so a tiny one costs CPU.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Less than 10 ms.</exception>
    public TimeSpan StallThreshold
    {
        get;
        init => field = value >= s_stallThresholdMin || value == Timeout.InfiniteTimeSpan
            ? value
            : throw new ArgumentOutOfRangeException(
                nameof(StallThreshold),
                value,
                $"The threshold is a time from {s_stallThresholdMin.TotalMilliseconds} ms, or Timeout.InfiniteTimeSpan to switch the report off.");
    } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Takes the few lines that the runtime says unasked (a stalled loop, a flow left behind); any thread. Default: standard
    /// error.
    /// </summary>
    public Action<string> Log { get; init; } = static line => Console.Error.WriteLine(line);
}
