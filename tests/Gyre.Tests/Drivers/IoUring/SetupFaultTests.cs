using Gyre.Drivers.IoUring;
using Gyre.Hosting;
using Gyre.Interop.Linux;

namespace Gyre.Tests.Drivers.IoUring;

/// <summary>A set-up that fails behind its first step: what the earlier steps opened is closed again.</summary>
[Collection(DescriptorCollection.Name)]
public sealed class SetupFaultTests
{
    /// <summary>The third mapping is that of the buffer ring.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_mapping_that_fails_is_explained_and_leaves_no_descriptor(int failing)
    {
        IoUringWorlds.Require();
        int before = OpenDescriptors.Count();
        using (FaultScope.Only(failing, "mmap", Errno.ENOMEM))
        {
            Assert.Null(IoUringDriver.TryCreate(IoUringOptions.Probe, out string reason));
            Assert.Contains("ulimit -l", reason, StringComparison.Ordinal);
        }

        Assert.Equal(before, OpenDescriptors.Count());
    }

    [Theory]
    [InlineData("eventfd", Errno.EMFILE, "ulimit -n")]
    [InlineData("io_uring_register", Errno.ENOMEM, "ulimit -l")]
    [InlineData("io_uring_register", Errno.EINVAL, "6.1")]
    [InlineData("io_uring_register", Errno.EPERM, "seccomp")]
    public void A_later_step_that_fails_is_explained_and_leaves_no_descriptor(string call, int errno, string remedy)
    {
        IoUringWorlds.Require();
        int before = OpenDescriptors.Count();
        using (FaultScope.Always(call, errno))
        {
            Assert.Null(IoUringDriver.TryCreate(IoUringOptions.Probe, out string reason));
            Assert.Contains(remedy, reason, StringComparison.Ordinal);
            DriverChoice choice = DriverSelection.ChooseBest();
            Assert.Equal("epoll", choice.Name);
            Assert.Contains(remedy, choice.Reason, StringComparison.Ordinal);
        }

        Assert.Equal(before, OpenDescriptors.Count());
    }

    /// <summary>Registering the ring's descriptor saves a look-up at each enter; a kernel that refuses costs only that.</summary>
    [Fact]
    public void A_ring_whose_descriptor_can_not_be_registered_works()
    {
        IoUringWorlds.Require();
        using var fault = FaultScope.First(1, "io_uring_register", Errno.EINVAL);
        using var bench = new DriverBench(IoUringDriver.Create());
        Assert.True(fault.Calls("io_uring_register") >= 2, "The first registration is the descriptor's, the next one the buffers'.");
        (RecordedConnection ours, System.Net.Sockets.Socket peer) = bench.Accept();
        using System.Net.Sockets.Socket closing = peer;
        ours.Connection.StartReceive();
        peer.Send([1, 2, 3]);
        bench.TurnUntil(() => ours.Received.Count == 3, "the bytes arrive");
    }

    /// <summary>What kernel.io_uring_disabled does (EPERM to every set-up, whatever the process may else do).</summary>
    [Fact]
    public void A_disabled_kernel_is_named_with_its_sysctl_and_seccomp_beside_it()
    {
        IoUringWorlds.Require();
        using var fault = FaultScope.Always("io_uring_setup", Errno.EPERM);
        DriverChoice choice = DriverSelection.ChooseBest();
        Assert.Equal("epoll", choice.Name);
        Assert.Contains("sysctl kernel.io_uring_disabled", choice.Reason, StringComparison.Ordinal);
        Assert.Contains("seccomp profile", choice.Reason, StringComparison.Ordinal);
        var error = Assert.Throws<PlatformNotSupportedException>(() => DriverSelection.Choose(DriverKind.IoUring));
        Assert.Contains("sysctl kernel.io_uring_disabled", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, fault.Calls("io_uring_setup"));
        using Gyre.Drivers.Driver driver = choice.Create();
        Assert.Equal("epoll", driver.Name);
    }
}
