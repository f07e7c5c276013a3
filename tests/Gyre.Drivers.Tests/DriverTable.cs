using Gyre.Conformance;
using Gyre.Drivers;
using Gyre.Simulation;
using Xunit;

namespace Gyre.Drivers.Tests;

/// <summary>The capability table: what each driver is expected to be able to do. The kit skips by it, and a test compares it.</summary>
internal static class DriverTable
{
    private const string Variable = "GYRE_DRIVER";

    private const string Simulation = "simulation";

    private const DriverCapabilities OfDescriptors =
        DriverCapabilities.Readiness | DriverCapabilities.SharedListen | DriverCapabilities.HandOver |
        DriverCapabilities.RealWorld | DriverCapabilities.CountsSystemCalls | DriverCapabilities.IdleWithoutBuffer |
        DriverCapabilities.AdoptListener | DriverCapabilities.SendFile;

    private const DriverCapabilities OfSimulation =
        DriverCapabilities.SharedListen | DriverCapabilities.HandOver | DriverCapabilities.IdleWithoutBuffer;

    private static readonly DriverCapabilities s_ofSockets =
        DriverCapabilities.HandOver | DriverCapabilities.RealWorld | DriverCapabilities.IdleWithoutBuffer |
        DriverCapabilities.AdoptListener |
        (OperatingSystem.IsLinux() ? DriverCapabilities.SharedListen : DriverCapabilities.None);

    private static readonly DriverUnderTest[] s_all =
    [
        new("io_uring", OfDescriptors, static () => () => GyreDrivers.Create(DriverKind.IoUring)),
        new("epoll", OfDescriptors, static () => () => GyreDrivers.Create(DriverKind.Epoll)),
        new("sockets", s_ofSockets, static () => () => GyreDrivers.Create(DriverKind.Sockets)),
        new(Simulation, OfSimulation, static () => new SimulatedNetwork().CreateDriver),
    ];

    /// <summary>The drivers of this run: all, or the one that the environment names and the simulation.</summary>
    public static IEnumerable<DriverUnderTest> OfThisRun => s_all.Where(static one => IsWanted(one.Name));

    /// <summary>Finds a driver by name; skips the test when it can't work on this machine.</summary>
    public static DriverUnderTest Get(string name)
    {
        DriverUnderTest driver = s_all.Single(one => one.Name == name);
        try
        {
            driver.OpenWorld()().Dispose();
        }
        catch (PlatformNotSupportedException reason)
        {
            Assert.Skip($"{reason.Message} To run its cases, remove that obstacle.");
        }

        return driver;
    }

    private static bool IsWanted(string name) =>
        Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } only || only == "auto" || only == name || name == Simulation;
}
