using Gyre.Drivers;

namespace Gyre.Hosting;

/// <summary>The driver that was picked, and why.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Reason">Why it, as the start-up line says.</param>
/// <param name="Create">Makes one, on the thread of its loop.</param>
internal sealed record DriverChoice(string Name, string Reason, Func<Driver> Create);
