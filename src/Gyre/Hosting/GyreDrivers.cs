using Gyre.Hosting;

namespace Gyre.Drivers;

/// <summary>
/// Makes the drivers that come with Gyre, for those who work below the loop: tests, and writers of drivers that wrap one.
/// </summary>
/// <remarks>
/// A program that runs coroutines doesn't need this: <see cref="GyreRuntime.Run(Func{Task}, RuntimeOptions?)"/> makes its
/// drivers itself.
/// </remarks>
public static class GyreDrivers
{
    /// <summary>Makes a driver on the calling thread, which is the one that may use it from then on.</summary>
    /// <param name="kind">Which; <see cref="DriverKind.Auto"/> obeys <c>GYRE_DRIVER</c>, then takes the best that works here.</param>
    /// <exception cref="PlatformNotSupportedException">That driver can't work here; the message says why and what to do.</exception>
    /// <exception cref="ArgumentException"><c>GYRE_DRIVER</c> holds a name that no driver has.</exception>
    public static Driver Create(DriverKind kind = DriverKind.Auto) => DriverSelection.Choose(kind).Create();
}
