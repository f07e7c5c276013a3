using System.Net;
using System.Net.Sockets;
using Gyre.Drivers;
using Gyre.Drivers.Epoll;
using Gyre.Interop.Linux;
using Gyre.Net;
using TcpListener = Gyre.Net.TcpListener;

namespace Gyre.Tests.Drivers.Epoll;

public sealed class AcceptFaultTests
{
    [Theory]
    [InlineData(Errno.EMFILE, SocketError.TooManyOpenSockets)]
    [InlineData(Errno.ENFILE, SocketError.TooManyOpenSockets)]
    [InlineData(Errno.ENOBUFS, SocketError.NoBufferSpaceAvailable)]
    [InlineData(Errno.ENOMEM, SocketError.NoBufferSpaceAvailable)]
    public void Exhaustion_pauses_without_a_further_call_and_recovers(int errno, SocketError reason)
    {
        using DriverBench bench = EpollWorlds.OpenBench();
        DriverListener listener = bench.Listen();
        using Socket peer = ConnectTo(listener);
        using (var fault = FaultScope.Always("accept4", errno))
        {
            bench.TurnUntil(() => bench.AcceptEnds.Count > 0, "the accept pauses");
            Assert.Equal(0, bench.TurnIdly());
            Assert.Equal(1, fault.Calls("accept4"));
            Assert.Equal([reason], bench.AcceptEnds);

            // Still exhausted: one more try, one more event.
            listener.StartAccept(bench);
            bench.TurnIdly();
            Assert.Equal(2, fault.Calls("accept4"));
            Assert.Equal([reason, reason], bench.AcceptEnds);
        }

        Assert.Empty(bench.Accepted);
        listener.StartAccept(bench);
        bench.TurnUntil(() => bench.Accepted.Count == 1, "the peer that waited is accepted");
        Assert.Equal(2, bench.AcceptEnds.Count);
    }

    [Theory]
    [InlineData(Errno.ECONNABORTED)]
    [InlineData(Errno.EINTR)]
    [InlineData(Errno.EPROTO)]
    [InlineData(Errno.ENETDOWN)]
    [InlineData(Errno.EHOSTUNREACH)]
    [InlineData(Errno.EPERM)]
    public void A_peer_that_gave_up_costs_only_itself(int errno)
    {
        using DriverBench bench = EpollWorlds.OpenBench();
        DriverListener listener = bench.Listen();
        using var fault = FaultScope.First(100, "accept4", errno);
        using Socket first = ConnectTo(listener);
        using Socket second = ConnectTo(listener);
        bench.TurnUntil(() => bench.Accepted.Count == 2, "those behind it are accepted");
        Assert.Empty(bench.AcceptEnds);

        // The hundred, the two, and the one that found the queue empty.
        Assert.Equal(103, fault.Calls("accept4"));
    }

    [Fact]
    public void A_connection_that_vanished_after_readiness_is_no_event()
    {
        using DriverBench bench = EpollWorlds.OpenBench();
        DriverListener listener = bench.Listen();
        using (var fault = FaultScope.First(1, "accept4", Errno.EAGAIN))
        {
            using Socket vanished = ConnectTo(listener);
            bench.TurnUntil(() => fault.Calls("accept4") == 1, "the listener is reported ready");
            Assert.Equal(0, bench.TurnIdly());
            Assert.Equal(1, fault.Calls("accept4"));
        }

        using Socket next = ConnectTo(listener);
        bench.TurnUntil(() => bench.Accepted.Count == 2, "the next one's edge brings both");
        Assert.Empty(bench.AcceptEnds);
    }

    [Fact]
    public void A_listener_pauses_for_its_time_and_goes_on_by_itself()
    {
        EpollWorlds.Require();
        var options = new RuntimeOptions { DriverFactory = static () => EpollDriver.Create(), HandleSignals = false, Log = static _ => { } };
        OnLoop.Run(
            async () =>
            {
                using var fault = FaultScope.First(3, "accept4", Errno.EMFILE);
                await using TcpListener listener = TcpListener.Listen(
                    new IPEndPoint(IPAddress.Loopback, 0), new TcpListenerOptions { ExhaustionPause = TimeSpan.FromMilliseconds(1) });
                await using TcpConnection client = await TcpConnection.ConnectAsync(listener.LocalEndPoint);
                await using TcpConnection accepted = await listener.AcceptAsync();
                Assert.Equal(client.LocalEndPoint, accepted.RemoteEndPoint);
                Assert.Equal(3, listener.ExhaustionPauses);
            },
            options);
    }

    private static Socket ConnectTo(DriverListener listener)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(listener.LocalEndPoint);
        return socket;
    }
}
