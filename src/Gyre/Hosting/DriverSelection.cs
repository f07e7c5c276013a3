using Gyre.Drivers;
using Gyre.Drivers.Epoll;
using Gyre.Drivers.IoUring;
using Gyre.Drivers.Sockets;

namespace Gyre.Hosting;

/// <summary>Picks the driver: the only place that knows all of them.</summary>
internal static class DriverSelection
{
    public const string Variable = "GYRE_DRIVER";

    private static readonly Lazy<DriverChoice> s_best = new(ChooseBest);

    /// <summary>Chooses once; the caller makes one driver per loop from it, on the loop's thread.</summary>
    /// <exception cref="PlatformNotSupportedException">A forced driver can't work here; the message says why and what to do.</exception>
    /// <exception cref="ArgumentException"><c>GYRE_DRIVER</c> holds a name that no driver has.</exception>
    public static DriverChoice Choose(DriverKind kind)
    {
        string why = "forced by an option";
        if (kind == DriverKind.Auto)
        {
            kind = FromEnvironment();
            why = $"forced by {Variable}";
        }

        return kind switch
        {
            DriverKind.Auto => s_best.Value,
            DriverKind.IoUring => ForceIoUring(why),
            DriverKind.Epoll => ForceEpoll(why),
            DriverKind.Sockets => Sockets(why),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "No such driver; DriverKind has Auto, IoUring, Epoll and Sockets."),
        };
    }

    /// <summary>The kind that <paramref name="name"/> stands for.</summary>
    /// <exception cref="ArgumentException">No driver has that name.</exception>
    public static DriverKind Parse(string name, string source) => name switch
    {
        "" or "auto" => DriverKind.Auto,
        "io_uring" => DriverKind.IoUring,
        "epoll" => DriverKind.Epoll,
        "sockets" => DriverKind.Sockets,
        _ => throw new ArgumentException($"{source} is '{name}', which is no driver; use auto, io_uring, epoll or sockets."),
    };

    private static DriverKind FromEnvironment() =>
        Parse(Environment.GetEnvironmentVariable(Variable) ?? "", $"The environment variable {Variable}");

    /// <summary>The best that works here; asks the kernel each time, unlike <see cref="Choose"/>.</summary>
    internal static DriverChoice ChooseBest()
    {
        if (!OperatingSystem.IsLinux())
        {
            return Sockets("io_uring and epoll exist on Linux only");
        }

        if (ProbeIoUring(out string reason))
        {
            return new DriverChoice(IoUringDriver.DriverName, reason, static () => IoUringDriver.Create());
        }

        return new DriverChoice(EpollDriver.DriverName, reason, static () => EpollDriver.Create());
    }

    private static bool ProbeIoUring(out string reason)
    {
        using IoUringDriver? probe = IoUringDriver.TryCreate(IoUringOptions.Probe, out reason);
        return probe is not null;
    }

    private static DriverChoice ForceIoUring(string why)
    {
        if (!ProbeIoUring(out string reason))
        {
            throw new PlatformNotSupportedException(
                $"The io_uring driver was {why}, but it can't work here: {reason}. Remove that, or force epoll or sockets instead.");
        }

        return new DriverChoice(IoUringDriver.DriverName, why, static () => IoUringDriver.Create());
    }

    private static DriverChoice ForceEpoll(string why) => OperatingSystem.IsLinux()
        ? new DriverChoice(EpollDriver.DriverName, why, static () => EpollDriver.Create())
        : throw new PlatformNotSupportedException(
            $"The epoll driver was {why}, but epoll exists on Linux only. Remove that, or force sockets instead.");

    private static DriverChoice Sockets(string why) =>
        new(SocketsDriver.DriverName, why, static () => SocketsDriver.Create());
}
