using System.Net.Sockets;
using Gyre.Interop.Linux;

namespace Gyre.Tests.Drivers.Epoll;

public sealed class WaitFaultTests
{
    [Theory]
    [InlineData("epoll_wait", -1)]
    [InlineData("epoll_wait", 0)]
    [InlineData("epoll_pwait2", 60_000_000_000)]
    public void An_interrupted_wait_ends_early_and_nothing_is_lost(string call, long timeoutNanoseconds)
    {
        using DriverBench bench = EpollWorlds.OpenBench();
        (RecordedConnection ours, Socket peer) = bench.Accept();
        using Socket closing = peer;
        ours.Connection.StartReceive();
        using (var fault = FaultScope.First(1, call, Errno.EINTR))
        {
            peer.Send([1]);
            Assert.Equal(0, bench.Driver.Turn(timeoutNanoseconds));
            Assert.Equal(1, fault.Calls(call));
        }

        bench.TurnUntil(() => ours.Received.Count == 1, "the byte arrives");
    }

    [Theory]
    [InlineData(Errno.ENOSYS)]
    [InlineData(Errno.EPERM)]
    public void A_kernel_without_the_precise_wait_is_asked_for_it_once(int errno)
    {
        using DriverBench bench = EpollWorlds.OpenBench();
        using var fault = FaultScope.Always("epoll_pwait2", errno);
        for (int i = 1; i <= 3; i++)
        {
            Assert.Equal(0, bench.Driver.Turn(1));
            Assert.Equal(1, fault.Calls("epoll_pwait2"));
            Assert.Equal(i, fault.Calls("epoll_wait"));
        }
    }

    [Theory]
    [InlineData("epoll_wait", -1)]
    [InlineData("epoll_pwait2", 1_000_000)]
    public void A_wait_that_fails_for_good_is_an_error_that_says_so(string call, long timeoutNanoseconds)
    {
        using DriverBench bench = EpollWorlds.OpenBench();
        using var fault = FaultScope.Always(call, Errno.EBADF);
        var error = Assert.Throws<InvalidOperationException>(() => bench.Driver.Turn(timeoutNanoseconds));
        Assert.Contains("errno 9", error.Message, StringComparison.Ordinal);
    }
}
