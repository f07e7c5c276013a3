using Gyre.Conformance;
using Gyre.Drivers;
using Gyre.Drivers.Epoll;
using Gyre.Interop.Linux;
using Gyre.TestSupport;

namespace Gyre.Tests.Drivers.Epoll;

/// <summary>epoll drivers over kernels in a mood.</summary>
internal static class EpollWorlds
{
    public const string Interrupted = "interrupted calls";
    public const string OldKernel = "no epoll_pwait2";
    public const string OldSandbox = "forbidden epoll_pwait2";
    public const string Deserters = "peers that gave up in the queue";

    public static readonly string[] Names = [Interrupted, OldKernel, OldSandbox, Deserters];

    private const DriverCapabilities All =
        DriverCapabilities.Readiness | DriverCapabilities.SharedListen | DriverCapabilities.HandOver |
        DriverCapabilities.RealWorld | DriverCapabilities.CountsSystemCalls | DriverCapabilities.IdleWithoutBuffer | DriverCapabilities.AdoptListener |
        DriverCapabilities.SendFile;

    private static readonly string[] s_interruptible = ["epoll_wait", "epoll_pwait2", "accept4", "connect", "recv", "send", "sendmsg", "sendfile"];

    /// <summary>Skips the test where there is no epoll to test.</summary>
    public static void Require()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "driver: epoll exists on Linux only.");
        Assert.SkipWhen(PInvokeGuard.IsOn, "driver: epoll lives on P/Invoke, which is forbidden in this run.");
    }

    /// <summary>A bench with a driver of a kernel in no mood at all.</summary>
    public static DriverBench OpenBench()
    {
        Require();
        return new DriverBench(EpollDriver.Create());
    }

    public static DriverUnderTest Open(string name) => name switch
    {
        Interrupted => Under(OneInThree(Errno.EINTR, s_interruptible)),
        OldKernel => Under(static call => call == "epoll_pwait2" ? Errno.ENOSYS : 0),
        OldSandbox => Under(static call => call == "epoll_pwait2" ? Errno.EPERM : 0),
        Deserters => Under(OneInThree(Errno.ECONNABORTED, ["accept4"])),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "No such world."),
    };

    private static DriverUnderTest Under(Func<string, int> fault) => new("epoll", All, () => () =>
    {
        EpollDriver driver = EpollDriver.Create();
        SystemCallFault.Inject(fault);
        return driver;
    });

    /// <summary>By chance, because a fixed beat could hit the same call of every turn for ever; the seed makes it the same each time.</summary>
    private static Func<string, int> OneInThree(int errno, string[] names)
    {
        var chance = new Random(3);
        return call => names.Contains(call) && chance.Next(3) == 0 ? errno : 0;
    }
}
