using Gyre.Drivers;

namespace Gyre.Conformance;

/// <summary>One case of the kit.</summary>
/// <param name="Name">Says what a driver does that passes it.</param>
/// <param name="Needs">What a driver must be able to do for the case to make sense.</param>
/// <param name="UsesUpDescriptors">Whether it must run in a process of its own with a low limit of descriptors.</param>
/// <param name="Body">Runs it in a world of its own; throws when the driver fails.</param>
public sealed record ConformanceCase(string Name, DriverCapabilities Needs, bool UsesUpDescriptors, Action<World> Body)
{
    public override string ToString() => Name;
}
