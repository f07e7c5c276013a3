using System.Net;
using System.Net.Sockets;
using Gyre.Interop.Linux;

namespace Gyre.Tests.Drivers.Epoll;

[Collection(DescriptorCollection.Name)]
public sealed class ConnectFaultTests
{
    /// <summary>The kernel goes on with an attempt that a signal interrupted; asking again would be EALREADY.</summary>
    [Fact]
    public void An_interrupted_attempt_goes_on()
    {
        using DriverBench bench = EpollWorlds.OpenBench();
        using Socket listener = Listener();
        using var fault = FaultScope.Always("connect", Errno.EINTR);
        bench.Connect(listener.LocalEndPoint!);
        bench.TurnUntil(() => bench.Connected is not null, "the attempt succeeds");
        Assert.Equal(1, fault.Calls("connect"));
        Assert.Null(bench.ConnectError);
        using Socket peer = listener.Accept();
        bench.Connected!.Connection.StartReceive();
        peer.Send([1, 2, 3]);
        bench.TurnUntil(() => bench.Connected.Received.Count == 3, "the bytes arrive");
    }

    [Theory]
    [InlineData("socket", Errno.EMFILE, SocketError.TooManyOpenSockets)]
    [InlineData("socket", Errno.ENFILE, SocketError.TooManyOpenSockets)]
    [InlineData("socket", Errno.ENOBUFS, SocketError.NoBufferSpaceAvailable)]
    [InlineData("connect", Errno.ENETUNREACH, SocketError.NetworkUnreachable)]
    [InlineData("connect", Errno.EADDRNOTAVAIL, SocketError.AddressNotAvailable)]
    [InlineData("epoll_ctl", Errno.ENOMEM, SocketError.NoBufferSpaceAvailable)]
    [InlineData("epoll_ctl", Errno.ENOSPC, SocketError.NoBufferSpaceAvailable)]
    public void A_failure_is_told_in_the_next_turn_and_leaves_no_descriptor(string call, int errno, SocketError error)
    {
        using DriverBench bench = EpollWorlds.OpenBench();
        using Socket listener = Listener();
        int before = OpenDescriptors.Count();
        using (FaultScope.Always(call, errno))
        {
            bench.Connect(listener.LocalEndPoint!);
            Assert.Null(bench.ConnectError);
            bench.Driver.Turn(-1);
        }

        Assert.Equal(error, bench.ConnectError);
        Assert.Null(bench.Connected);
        Assert.Equal(before, OpenDescriptors.Count());
        bench.TurnIdly();
        bench.Connect(listener.LocalEndPoint!);
        bench.TurnUntil(() => bench.Connected is not null, "the next attempt succeeds");
    }

    private static Socket Listener()
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        return listener;
    }
}
