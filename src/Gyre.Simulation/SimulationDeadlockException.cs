namespace Gyre.Simulation;

/// <summary>A simulation waits for something that can't come any more: nothing is under way and no timer is set.</summary>
public sealed class SimulationDeadlockException : InvalidOperationException
{
    /// <summary>Makes one that says when the simulation stopped.</summary>
    /// <param name="elapsed">Virtual time since the start.</param>
    public SimulationDeadlockException(TimeSpan elapsed)
        : this(elapsed, whoWaits: "")
    {
    }

    /// <summary>Makes one with a message of one's own.</summary>
    public SimulationDeadlockException(string message)
        : base(message)
    {
    }

    /// <summary>Makes one with a message and a cause of one's own.</summary>
    public SimulationDeadlockException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Makes one without a message.</summary>
    public SimulationDeadlockException()
    {
    }

    internal SimulationDeadlockException(TimeSpan elapsed, string whoWaits)
        : base($"The simulation can't go on: after {elapsed} of virtual time nothing is under way, no timer is set, and " +
            "everybody waits. A coroutine waits for an event that nobody will bring. (What another thread does is no part of " +
            $"a simulation: await work of this loop instead of Task.Run, Task.Delay or real IO.){whoWaits}") => Elapsed = elapsed;

    /// <summary>Virtual time since the start.</summary>
    public TimeSpan Elapsed { get; }
}
