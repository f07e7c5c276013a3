namespace Gyre.Simulation;

/// <summary>Nothing can happen any more in a simulated world: no event is under way, no timer pending, and nobody woke it.</summary>
public sealed class SimulationDeadlockException : Exception
{
    /// <summary>The usual message.</summary>
    public SimulationDeadlockException()
        : this("Nothing can happen any more in the simulation: no event is under way and no timer is pending. Some wait is never woken.")
    {
    }

    /// <summary>With a message.</summary>
    public SimulationDeadlockException(string message)
        : base(message)
    {
    }

    /// <summary>With a message and a cause.</summary>
    public SimulationDeadlockException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
