using Gyre.Drivers;

namespace Gyre.Conformance;

/// <summary>A driver as the kit sees it: how to make one, and what it is expected to be able to do.</summary>
/// <param name="Name">The driver's name.</param>
/// <param name="Capabilities">What its row of the capability table says; the kit skips by this and by nothing else.</param>
/// <param name="OpenWorld">
/// Opens a world and answers a function that makes drivers in it: drivers of one world reach each other over its network.
/// For a real driver there is only one world; a simulated one has a network of its own in each.
/// </param>
public sealed record DriverUnderTest(string Name, DriverCapabilities Capabilities, Func<Func<Driver>> OpenWorld)
{
    public override string ToString() => Name;
}
