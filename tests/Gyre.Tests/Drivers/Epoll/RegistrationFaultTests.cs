using System.IO.Pipes;
using System.Net.Sockets;
using Gyre.Drivers;
using Gyre.Interop.Linux;

namespace Gyre.Tests.Drivers.Epoll;

/// <summary>The epoll set has no room: kernel memory (ENOMEM) or fs.epoll.max_user_watches (ENOSPC) is used up.</summary>
[Collection(DescriptorCollection.Name)]
public sealed class RegistrationFaultTests
{
    public static TheoryData<int> Shortages => [Errno.ENOMEM, Errno.ENOSPC];

    [Theory]
    [MemberData(nameof(Shortages))]
    public void Listening_is_an_error_that_names_the_address(int errno)
    {
        using DriverBench bench = EpollWorlds.OpenBench();
        int before = OpenDescriptors.Count();
        using (FaultScope.Always("epoll_ctl", errno))
        {
            var error = Assert.Throws<SocketException>(bench.Listen);
            Assert.Equal(SocketError.NoBufferSpaceAvailable, error.SocketErrorCode);
            Assert.Contains("Can't watch 127.0.0.1:", error.Message, StringComparison.Ordinal);
            Assert.Contains("fs.epoll.max_user_watches", error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(before, OpenDescriptors.Count());
        bench.Accept().Peer.Dispose();
    }

    [Theory]
    [MemberData(nameof(Shortages))]
    public void Receiving_on_an_accepted_connection_ends_with_the_error(int errno)
    {
        using DriverBench bench = EpollWorlds.OpenBench();
        (RecordedConnection ours, Socket peer) = bench.Accept();
        using Socket closing = peer;
        using var fault = FaultScope.Always("epoll_ctl", errno);
        ours.Connection.StartReceive();
        Assert.Null(ours.ReceiveEnded);
        bench.Driver.Turn(-1);
        Assert.Equal((ReceiveEnd.Failed, SocketError.NoBufferSpaceAvailable), ours.ReceiveEnded);
        ours.Connection.Close(abort: false);
        bench.TurnUntil(() => ours.Closed == 1, "the connection is closed");
    }

    [Theory]
    [MemberData(nameof(Shortages))]
    public void A_send_without_room_ends_with_the_error_because_nobody_would_say_when_there_is_some(int errno)
    {
        using DriverBench bench = EpollWorlds.OpenBench();
        (RecordedConnection ours, Socket peer) = bench.Accept();
        using Socket closing = peer;
        using var fault = FaultScope.Always("epoll_ctl", errno);

        // More than the socket's buffers hold while the peer doesn't read.
        ours.Send(64 * 1024 * 1024);
        bench.TurnUntil(() => ours.Sent.Count > 0, "the send ends");
        Assert.Equal([SocketError.NoBufferSpaceAvailable], ours.Sent);
    }

    [Theory]
    [MemberData(nameof(Shortages))]
    public void A_wait_for_readiness_ends_with_the_error_and_lets_go_of_the_handle(int errno)
    {
        using DriverBench bench = EpollWorlds.OpenBench();
        using var pipe = new AnonymousPipeServerStream(PipeDirection.Out);
        using (FaultScope.Always("epoll_ctl", errno))
        {
            bench.Driver.StartWaitReady(pipe.SafePipeHandle, ReadinessKind.Writable, bench);
            Assert.Null(bench.ReadyOutcome);
            bench.Driver.Turn(-1);
        }

        Assert.Equal(SocketError.NoBufferSpaceAvailable, bench.ReadyOutcome);
        bench.Driver.StartWaitReady(pipe.SafePipeHandle, ReadinessKind.Writable, bench);
        bench.TurnUntil(() => bench.ReadyOutcome == SocketError.Success, "the next wait succeeds");
        Microsoft.Win32.SafeHandles.SafePipeHandle handle = pipe.SafePipeHandle;
        int fd = (int)handle.DangerousGetHandle();
        handle.Dispose();
        Assert.False(File.Exists($"/proc/self/fd/{fd}"), "The handle is still referenced.");
    }
}
