using System.Net.Sockets;
using Gyre.Drivers;
using Gyre.Drivers.Epoll;
using Gyre.Interop.Linux;

namespace Gyre.Tests.Drivers.Epoll;

public sealed class TransferFaultTests
{
    [Fact]
    public void An_interrupted_receive_is_tried_again()
    {
        using DriverBench bench = EpollWorlds.OpenBench();
        (RecordedConnection ours, Socket peer) = bench.Accept();
        using var fault = FaultScope.First(5, "recv", Errno.EINTR);
        ours.Connection.StartReceive();
        peer.Send([1, 2, 3]);
        bench.TurnUntil(() => ours.Received.Count == 3, "the bytes arrive");
        Assert.Equal(6, fault.Calls("recv"));
        peer.Dispose();
        bench.TurnUntil(() => ours.ReceiveEnded is not null, "the end arrives");
        Assert.Equal((ReceiveEnd.EndOfStream, SocketError.Success), ours.ReceiveEnded);
    }

    /// <summary>The kernel may report a socket readable that isn't (select(2), BUGS).</summary>
    [Fact]
    public void Readiness_without_bytes_is_no_event_and_the_next_edge_is_heard()
    {
        using DriverBench bench = EpollWorlds.OpenBench();
        (RecordedConnection ours, Socket peer) = bench.Accept();
        using Socket closing = peer;
        ours.Connection.StartReceive();
        bench.TurnIdly();
        using var fault = FaultScope.None();
        ((EpollDriver)bench.Driver).Deliver(Libc.EPOLLIN, EpollTargets.DataOf((EpollConnection)ours.Connection));
        Assert.Equal(1, fault.Calls("recv"));
        Assert.Equal(0, bench.TurnIdly());
        Assert.Equal(1, fault.Calls("recv"));
        Assert.Null(ours.ReceiveEnded);
        peer.Send([1, 2, 3]);
        bench.TurnUntil(() => ours.Received.Count == 3, "the bytes arrive");
    }

    [Theory]
    [InlineData(Errno.ENOMEM, SocketError.NoBufferSpaceAvailable)]
    [InlineData(Errno.ENOBUFS, SocketError.NoBufferSpaceAvailable)]
    [InlineData(Errno.ECONNRESET, SocketError.ConnectionReset)]
    [InlineData(Errno.ETIMEDOUT, SocketError.TimedOut)]
    public void A_receive_that_fails_ends_once_with_the_error(int errno, SocketError error)
    {
        using DriverBench bench = EpollWorlds.OpenBench();
        (RecordedConnection ours, Socket peer) = bench.Accept();
        using Socket closing = peer;
        using var fault = FaultScope.Always("recv", errno);
        ours.Connection.StartReceive();
        peer.Send([1]);
        bench.TurnUntil(() => ours.ReceiveEnded is not null, "the receive ends");
        Assert.Equal((ReceiveEnd.Failed, error), ours.ReceiveEnded);
        bench.TurnIdly();
        Assert.Equal(1, fault.Calls("recv"));
        ours.Connection.Close(abort: true);
        bench.TurnUntil(() => ours.Closed == 1, "the connection is closed");
    }

    [Theory]
    [InlineData("send", false)]
    [InlineData("sendmsg", true)]
    public void An_interrupted_send_is_tried_again(string call, bool inPieces)
    {
        using DriverBench bench = EpollWorlds.OpenBench();
        (RecordedConnection ours, Socket peer) = bench.Accept();
        using Socket closing = peer;

        // More than one go's worth of tries, so that the rest goes with the next turn.
        using var fault = FaultScope.First(10, call, Errno.EINTR);
        ours.Send(100, inPieces);
        bench.TurnUntil(() => ours.Sent.Count > 0, "all is sent");
        Assert.Equal([SocketError.Success], ours.Sent);
        Assert.Equal(11, fault.Calls(call));
        ExpectBytes(peer, 100);
    }

    /// <summary>The first wait of an accepted connection registers it, and a registration reports what is ready already.</summary>
    [Theory]
    [InlineData("send", false)]
    [InlineData("sendmsg", true)]
    public void A_send_that_found_no_room_goes_on_when_there_is(string call, bool inPieces)
    {
        using DriverBench bench = EpollWorlds.OpenBench();
        (RecordedConnection ours, Socket peer) = bench.Accept();
        using Socket closing = peer;
        using var fault = FaultScope.First(1, call, Errno.EAGAIN);
        ours.Send(100, inPieces);
        bench.Driver.Submit();
        Assert.Empty(ours.Sent);
        bench.TurnUntil(() => ours.Sent.Count > 0, "all is sent");
        Assert.Equal([SocketError.Success], ours.Sent);
        Assert.Equal(2, fault.Calls(call));
        ExpectBytes(peer, 100);
    }

    [Theory]
    [InlineData("send", Errno.ENOBUFS, SocketError.NoBufferSpaceAvailable)]
    [InlineData("send", Errno.ENOMEM, SocketError.NoBufferSpaceAvailable)]
    [InlineData("sendmsg", Errno.ENOBUFS, SocketError.NoBufferSpaceAvailable)]
    [InlineData("send", Errno.EPIPE, SocketError.Shutdown)]
    [InlineData("send", Errno.ECONNRESET, SocketError.ConnectionReset)]
    public void A_send_that_fails_is_told_once_and_not_tried_again(string call, int errno, SocketError error)
    {
        using DriverBench bench = EpollWorlds.OpenBench();
        (RecordedConnection ours, Socket peer) = bench.Accept();
        using Socket closing = peer;
        using (var fault = FaultScope.Always(call, errno))
        {
            ours.Send(100, inPieces: call == "sendmsg");
            bench.TurnUntil(() => ours.Sent.Count > 0, "the send ends");
            bench.TurnIdly();
            Assert.Equal([error], ours.Sent);
            Assert.Equal(1, fault.Calls(call));
        }

        // Memory can come back: the connection is still the consumer's to use or to close.
        ours.Send(10);
        bench.TurnUntil(() => ours.Sent.Count == 2, "the next send ends");
        ExpectBytes(peer, 10);
    }

    private static void ExpectBytes(Socket peer, int count)
    {
        byte[] bytes = new byte[count + 1];
        int received = 0;
        while (received < count)
        {
            received += peer.Receive(bytes.AsSpan(received));
        }

        Assert.Equal(count, received);
        Assert.Equal(0, peer.Available);
        Assert.All(bytes[..count], static value => Assert.Equal(7, value));
    }
}
