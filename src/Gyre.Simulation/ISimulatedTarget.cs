namespace Gyre.Simulation;

/// <summary>An object of a simulated driver that gets its turns from it.</summary>
internal interface ISimulatedTarget
{
    /// <summary>Whether it waits for <see cref="Step"/>. Written by the driver alone.</summary>
    bool IsScheduled { get; set; }

    /// <summary>Place in the driver's list of what is open; -1 when not in it. Written by the driver alone.</summary>
    int Index { get; set; }

    /// <summary>Does the next thing that can be done, delivers at most one event, and asks for another step if there is more.</summary>
    void Step();

    /// <summary>The driver is disposed: lets go of the network without telling the handler.</summary>
    void Abandon();
}
