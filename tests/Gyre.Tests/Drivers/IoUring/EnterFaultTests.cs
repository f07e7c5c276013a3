using System.Net.Sockets;
using Gyre.Drivers.IoUring;
using Gyre.Interop.Linux;

namespace Gyre.Tests.Drivers.IoUring;

/// <summary>An enter that takes nothing for now: what was gathered stays gathered, in order, and goes out later.</summary>
public sealed class EnterFaultTests
{
    public static TheoryData<int> Troubles => [Errno.EINTR, Errno.EAGAIN, Errno.EBUSY, Errno.ETIME];

    [Theory]
    [MemberData(nameof(Troubles))]
    public void A_turn_that_is_refused_ends_early_and_loses_nothing(int errno)
    {
        IoUringWorlds.Require();
        using var bench = new DriverBench(IoUringDriver.Create());
        (RecordedConnection ours, Socket peer) = bench.Accept();
        using Socket closing = peer;
        ours.Connection.StartReceive();
        ours.Send(100, inPieces: true);
        using (var fault = FaultScope.Always("io_uring_enter", errno))
        {
            // Without a bound: a refusal must not be waited out inside the driver.
            Assert.Equal(0, bench.Driver.Turn(-1));
            Assert.Equal(0, bench.Driver.Turn(-1));
            Assert.Equal(2, fault.Calls("io_uring_enter"));
        }

        Assert.Empty(ours.Sent);
        peer.Send([1]);
        bench.TurnUntil(() => ours.Sent.Count > 0 && ours.Received.Count > 0, "both go on");
        Assert.Equal([SocketError.Success], ours.Sent);
        Assert.Equal(100, peer.Receive(new byte[200]));
        Assert.Equal(0, peer.Available);
    }

    /// <summary>It says nothing when it succeeds, so a refused enter must not be taken for the one that took it.</summary>
    [Theory]
    [MemberData(nameof(Troubles))]
    public void A_quiet_send_that_was_not_taken_is_not_over(int errno)
    {
        IoUringWorlds.Require();
        using var bench = new DriverBench(IoUringDriver.Create());
        (RecordedConnection ours, Socket peer) = bench.Accept();
        using Socket closing = peer;
        byte[] bytes = GC.AllocateArray<byte>(10, pinned: true);
        using (FaultScope.Always("io_uring_enter", errno))
        {
            ours.Connection.StartQuietSend(new(bytes));
            bench.TurnIdly();
            Assert.Empty(ours.Sent);
            Assert.Equal(0, peer.Available);
        }

        bench.TurnUntil(() => ours.Sent.Count > 0, "the send ends");
        Assert.Equal([SocketError.Success], ours.Sent);
        Assert.Equal(10, peer.Receive(new byte[20]));
    }

    [Theory]
    [MemberData(nameof(Troubles))]
    public void Disposal_is_patient_with_a_moody_kernel(int errno)
    {
        IoUringWorlds.Require();
        var bench = new DriverBench(IoUringDriver.Create());
        (RecordedConnection ours, Socket peer) = bench.Accept();
        using Socket closing = peer;
        ours.Connection.StartReceive();
        bench.TurnIdly();
        using (var fault = FaultScope.First(3, "io_uring_enter", errno))
        {
            bench.Dispose();
            Assert.True(fault.Calls("io_uring_enter") > 3, "It gave up with a receive in flight.");
        }

        // The connection was closed with it: the peer reads the end instead of waiting for ever.
        peer.ReceiveTimeout = (int)OnLoop.HangBound.TotalMilliseconds;
        Assert.Equal(0, peer.Receive(new byte[1]));
    }
}
