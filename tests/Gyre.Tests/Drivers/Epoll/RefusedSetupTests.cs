using Gyre.Drivers.Epoll;
using Gyre.Hosting;
using Gyre.Interop.Linux;

namespace Gyre.Tests.Drivers.Epoll;

/// <summary>Kernels and sandboxes that refuse epoll: an error that says what was refused and what to do.</summary>
[Collection(DescriptorCollection.Name)]
public sealed class RefusedSetupTests
{
    public static TheoryData<string, int> Refusals => new()
    {
        { "epoll_create1", Errno.EMFILE },
        { "epoll_create1", Errno.ENFILE },
        { "epoll_create1", Errno.ENOMEM },
        { "epoll_create1", Errno.ENOSYS },
        { "epoll_create1", Errno.EPERM },
        { "eventfd", Errno.EMFILE },
        { "eventfd", Errno.EPERM },
        { "epoll_ctl", Errno.ENOMEM },
        { "epoll_ctl", Errno.ENOSPC },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void A_refusal_is_explained_and_leaves_no_descriptor(string call, int errno)
    {
        EpollWorlds.Require();
        int before = OpenDescriptors.Count();
        using (FaultScope.Always(call, errno))
        {
            var error = Assert.Throws<PlatformNotSupportedException>(EpollDriver.Create);
            Assert.Contains($"errno {errno}", error.Message, StringComparison.Ordinal);
            Assert.Contains("ulimit -n", error.Message, StringComparison.Ordinal);
            Assert.Contains("force the sockets driver", error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(before, OpenDescriptors.Count());
        EpollDriver.Create().Dispose();
    }

    [Fact]
    public void A_forced_driver_that_is_refused_fails_the_run_with_the_remedy()
    {
        EpollWorlds.Require();
        bool ran = false;
        using var fault = FaultScope.Always("epoll_create1", Errno.EPERM);
        var options = new RuntimeOptions { Driver = DriverKind.Epoll, HandleSignals = false, Log = static _ => { } };
        var error = Assert.Throws<PlatformNotSupportedException>(() => GyreRuntime.Run(
            () =>
            {
                ran = true;
                return Task.CompletedTask;
            },
            options));
        Assert.Contains("force the sockets driver", error.Message, StringComparison.Ordinal);
        Assert.False(ran, "Main ran without a driver.");
    }
}
