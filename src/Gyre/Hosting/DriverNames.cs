using Gyre.Hosting;

namespace Gyre;

/// <summary>The names of the drivers, for command lines and configuration.</summary>
public static class DriverNames
{
    /// <summary>The driver that a name stands for: <c>auto</c>, <c>io_uring</c>, <c>epoll</c> or <c>sockets</c>.</summary>
    /// <exception cref="ArgumentException">No driver has that name; the message lists those there are.</exception>
    public static DriverKind Parse(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return DriverSelection.Parse(name, "The driver");
    }
}
