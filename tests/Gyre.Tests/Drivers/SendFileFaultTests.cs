using System.Net.Sockets;
using Gyre.Drivers;
using Gyre.Interop.Linux;
using Gyre.Tests.Drivers.Epoll;
using Gyre.Tests.Drivers.IoUring;

namespace Gyre.Tests.Drivers;

/// <summary>sendfile(2) in a mood, on each driver that calls it.</summary>
public sealed class SendFileFaultTests
{
    private const int Seed = 5;

    [Theory]
    [InlineData("epoll", Errno.EINTR, 10)]
    [InlineData("epoll", Errno.EAGAIN, 1)]
    [InlineData("io_uring", Errno.EINTR, 10)]
    [InlineData("io_uring", Errno.EAGAIN, 10)]
    public void A_call_that_took_nothing_is_made_again(string driver, int errno, int times)
    {
        using DriverBench bench = Open(driver);
        (RecordedConnection ours, Socket peer) = bench.Accept();
        using Socket closing = peer;
        using var file = new TempFile(1000, Seed);
        using var fault = FaultScope.First(times, "sendfile", errno);
        ours.Connection.StartSendFile(file.Handle, 0, 1000);
        bench.TurnUntil(() => ours.Sent.Count > 0, "the file is sent");
        Assert.Equal([SocketError.Success], ours.Sent);
        Assert.Equal(times + 1, fault.Calls("sendfile"));
        ExpectBytes(peer, 1000);
    }

    [Theory]
    [InlineData("epoll", Errno.EINVAL, SocketError.OperationNotSupported)]
    [InlineData("epoll", Errno.ENOSYS, SocketError.OperationNotSupported)]
    [InlineData("epoll", Errno.EPIPE, SocketError.Shutdown)]
    [InlineData("epoll", Errno.ENOMEM, SocketError.NoBufferSpaceAvailable)]
    [InlineData("io_uring", Errno.EINVAL, SocketError.OperationNotSupported)]
    [InlineData("io_uring", Errno.EOPNOTSUPP, SocketError.OperationNotSupported)]
    [InlineData("io_uring", Errno.ECONNRESET, SocketError.ConnectionReset)]
    public void A_call_that_fails_is_told_once_and_not_made_again(string driver, int errno, SocketError error)
    {
        using DriverBench bench = Open(driver);
        (RecordedConnection ours, Socket peer) = bench.Accept();
        using Socket closing = peer;
        using var file = new TempFile(1000, Seed);
        using (var fault = FaultScope.Always("sendfile", errno))
        {
            ours.Connection.StartSendFile(file.Handle, 0, 1000);
            bench.TurnUntil(() => ours.Sent.Count > 0, "the send ends");
            bench.TurnIdly();
            Assert.Equal([error], ours.Sent);
            Assert.Equal(1, fault.Calls("sendfile"));
        }

        // Nothing was taken, so the connection is as before.
        ours.Connection.StartSendFile(file.Handle, 0, 1000);
        bench.TurnUntil(() => ours.Sent.Count == 2, "the next send ends");
        ExpectBytes(peer, 1000);
    }

    /// <summary>Refused in the middle, a part has gone already, so that reading all of it would send that twice.</summary>
    [Theory]
    [InlineData("epoll")]
    [InlineData("io_uring")]
    public void A_refusal_behind_the_first_piece_is_an_error_like_any_other(string driver)
    {
        using DriverBench bench = Open(driver);
        (RecordedConnection ours, Socket peer) = bench.Accept();
        using Socket closing = peer;
        using var file = new TempFile(FileSend.BytesPerCallMax + 1, Seed);
        peer.ReceiveBufferSize = 2 * FileSend.BytesPerCallMax;
        using var fault = FaultScope.Only(2, "sendfile", Errno.EINVAL);
        ours.Connection.StartSendFile(file.Handle, 0, FileSend.BytesPerCallMax + 1);
        byte[] bytes = new byte[65536];
        bench.TurnUntil(
            () =>
            {
                while (peer.Available > 0)
                {
                    peer.Receive(bytes);
                }

                return ours.Sent.Count > 0;
            },
            "the send ends");
        Assert.Equal([SocketError.InvalidArgument], ours.Sent);
    }

    [Theory]
    [InlineData("epoll")]
    [InlineData("io_uring")]
    public void A_receive_that_is_armed_hears_nothing_of_it(string driver)
    {
        using DriverBench bench = Open(driver);
        (RecordedConnection ours, Socket peer) = bench.Accept();
        using Socket closing = peer;
        using var file = new TempFile(100_000, Seed);
        ours.Connection.StartReceive();
        for (int i = 1; i <= 20; i++)
        {
            // Bytes wait in the socket while the file is sent, and the socket runs empty in between.
            peer.Send([1, 2, 3]);
            ours.Connection.StartSendFile(file.Handle, 0, 1000);
            bench.TurnUntil(() => ours.Sent.Count == i && ours.Received.Count == i * 3, "both directions go on");
            bench.TurnIdly();
        }

        Assert.Null(ours.ReceiveEnded);
    }

    private static DriverBench Open(string driver)
    {
        if (driver == "epoll")
        {
            return EpollWorlds.OpenBench();
        }

        IoUringWorlds.Require();
        return new DriverBench(Gyre.Drivers.IoUring.IoUringDriver.Create());
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
        for (int i = 0; i < count; i++)
        {
            Assert.Equal(Bytes.At(i, Seed), bytes[i]);
        }
    }
}
