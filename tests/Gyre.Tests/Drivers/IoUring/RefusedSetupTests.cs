using Gyre.Drivers.IoUring;
using Gyre.Hosting;
using Gyre.Interop.Linux;

namespace Gyre.Tests.Drivers.IoUring;

/// <summary>Kernels that refuse a ring: the sentence says why and what to do, and another driver is chosen.</summary>
public sealed class RefusedSetupTests
{
    public static TheoryData<int, string> Refusals => new()
    {
        { Errno.ENOSYS, "built without io_uring" },
        { Errno.EPERM, "seccomp" },
        { Errno.EACCES, "kernel.io_uring_disabled" },
        { Errno.ENOMEM, "ulimit -l" },
        { Errno.EMFILE, "ulimit -n" },
        { Errno.ENFILE, "descriptor limit" },
        { Errno.EINVAL, "6.1" },
        { Errno.EFAULT, "errno 14" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void A_refusal_is_explained(int errno, string remedy) => WithFault("io_uring_setup", errno, () =>
    {
        Assert.Null(IoUringDriver.TryCreate(IoUringOptions.Probe, out string reason));
        Assert.Contains(remedy, reason, StringComparison.Ordinal);
        var error = Assert.Throws<PlatformNotSupportedException>(() => IoUringDriver.Create());
        Assert.Equal(reason, error.Message);
    });

    [Theory]
    [MemberData(nameof(Refusals))]
    public void A_refusal_falls_back_to_epoll_with_the_reason(int errno, string remedy) => WithFault("io_uring_setup", errno, () =>
    {
        DriverChoice choice = DriverSelection.ChooseBest();
        Assert.Equal("epoll", choice.Name);
        Assert.Contains(remedy, choice.Reason, StringComparison.Ordinal);
    });

    [Fact]
    public void Forcing_a_driver_that_is_refused_is_an_error_with_cause_and_remedy() => WithFault("io_uring_setup", Errno.EPERM, () =>
    {
        var error = Assert.Throws<PlatformNotSupportedException>(() => DriverSelection.Choose(DriverKind.IoUring));
        Assert.Contains("io_uring driver was forced by an option", error.Message, StringComparison.Ordinal);
        Assert.Contains("docs/containers.md", error.Message, StringComparison.Ordinal);
        Assert.Contains("epoll or sockets", error.Message, StringComparison.Ordinal);
    });

    [Fact]
    public void A_refused_buffer_ring_is_explained() => WithFault("io_uring_register", Errno.ENOMEM, () =>
    {
        Assert.Null(IoUringDriver.TryCreate(IoUringOptions.Probe, out string reason));
        Assert.Contains("ulimit -l", reason, StringComparison.Ordinal);
    });

    [Fact]
    public void An_allowed_ring_is_chosen()
    {
        IoUringWorlds.Require();
        DriverChoice choice = DriverSelection.ChooseBest();
        Assert.Equal("io_uring", choice.Name);
        Assert.Contains("allows", choice.Reason, StringComparison.Ordinal);
    }

    private static void WithFault(string failing, int errno, Action test)
    {
        Assert.SkipUnless(IoUringSupport.IsKernelRecent(out string reason), reason);
        SystemCallFault.Inject(call => call == failing ? errno : 0);
        try
        {
            test();
        }
        finally
        {
            SystemCallFault.Inject(null);
        }
    }
}
