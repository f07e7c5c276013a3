using System.Net.Sockets;
using Gyre.Drivers;
using Gyre.Drivers.IoUring;
using Gyre.Interop.Linux;

namespace Gyre.Tests.Drivers.IoUring;

/// <summary>Operations that complete with an error which can't be brought about; the completion is delivered by hand.</summary>
public sealed class CompletionFaultTests
{
    [Theory]
    [InlineData(Errno.EMFILE, SocketError.TooManyOpenSockets)]
    [InlineData(Errno.ENFILE, SocketError.TooManyOpenSockets)]
    [InlineData(Errno.ENOBUFS, SocketError.NoBufferSpaceAvailable)]
    [InlineData(Errno.ENOMEM, SocketError.NoBufferSpaceAvailable)]
    public void An_accept_without_resources_pauses_until_it_is_started_again(int errno, SocketError reason)
    {
        IoUringWorlds.Require();
        using var bench = new DriverBench(IoUringDriver.Create());
        DriverListener listener = bench.Listen();
        Deliver(bench, (IIoUringTarget)listener, OperationKind.Accept, -errno);
        Assert.Equal([reason], bench.AcceptEnds);
        Assert.Equal(0, bench.TurnIdly());
        listener.StartAccept(bench);
        using var peer = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        peer.Connect(listener.LocalEndPoint);
        bench.TurnUntil(() => bench.Accepted.Count == 1, "the peer is accepted");
    }

    [Theory]
    [InlineData(Errno.ECONNABORTED)]
    [InlineData(Errno.EINTR)]
    [InlineData(Errno.EAGAIN)]
    [InlineData(Errno.EPROTO)]
    [InlineData(Errno.ENETDOWN)]
    public void A_peer_that_gave_up_in_the_queue_is_no_end(int errno)
    {
        IoUringWorlds.Require();
        using var bench = new DriverBench(IoUringDriver.Create());
        DriverListener listener = bench.Listen();
        Deliver(bench, (IIoUringTarget)listener, OperationKind.Accept, -errno);
        Assert.Empty(bench.AcceptEnds);
        using var peer = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        peer.Connect(listener.LocalEndPoint);
        bench.TurnUntil(() => bench.Accepted.Count == 1, "the peer is accepted");
    }

    [Theory]
    [InlineData(Errno.ENOBUFS, SocketError.NoBufferSpaceAvailable)]
    [InlineData(Errno.ENOMEM, SocketError.NoBufferSpaceAvailable)]
    [InlineData(Errno.EPIPE, SocketError.Shutdown)]
    public void A_send_without_resources_is_told_once(int errno, SocketError error)
    {
        IoUringWorlds.Require();
        using var bench = new DriverBench(IoUringDriver.Create());
        (RecordedConnection ours, Socket peer) = bench.Accept();
        using Socket closing = peer;
        ours.Send(10, inPieces: true);
        Deliver(bench, (IIoUringTarget)ours.Connection, OperationKind.Send, -errno);
        Assert.Equal([error], ours.Sent);
    }

    /// <summary>ENOBUFS of a receive means that the buffer ring was empty for a moment: no error, unlike that of a send.</summary>
    [Theory]
    [InlineData(Errno.ENOBUFS)]
    [InlineData(Errno.EINTR)]
    [InlineData(Errno.EAGAIN)]
    public void A_receive_that_the_kernel_ended_for_a_moment_goes_on(int errno)
    {
        IoUringWorlds.Require();
        using var bench = new DriverBench(IoUringDriver.Create());
        (RecordedConnection ours, Socket peer) = bench.Accept();
        using Socket closing = peer;
        ours.Connection.StartReceive();
        Deliver(bench, (IIoUringTarget)ours.Connection, OperationKind.Receive, -errno);
        Assert.Null(ours.ReceiveEnded);
        peer.Send([1]);
        bench.TurnUntil(() => ours.Received.Count == 1, "the byte arrives");
    }

    private static void Deliver(DriverBench bench, IIoUringTarget target, OperationKind kind, int result) =>
        ((IoUringDriver)bench.Driver).Deliver(new CompletionEntry
        {
            UserData = (uint)target.Slot | ((ulong)target.Generation << 32) | ((ulong)kind << 56),
            Result = result,
        });
}
