using System.Net;
using System.Net.Sockets;
using Gyre.Drivers;
using Gyre.Drivers.IoUring;
using Gyre.Interop.Linux;

namespace Gyre.Tests.Drivers.IoUring;

/// <summary>
/// Completions whose place in the table has another owner by now: delivered by hand, because the driver never lets one come
/// about.
/// </summary>
[Collection(DescriptorCollection.Name)]
public sealed class StaleCompletionTests
{
    private const ulong OldGeneration = 0xABCDEFUL << 32;

    [Fact]
    public void Its_receive_buffer_goes_back_to_the_ring()
    {
        IoUringWorlds.Require();
        using IoUringDriver driver = IoUringDriver.Create(new IoUringOptions { BufferCount = 1, BufferBytes = 64 });
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var receiver = new Keeper();
        driver.StartConnect((IPEndPoint)listener.LocalEndPoint!, new ConnectOptions(), receiver);
        TurnUntil(driver, () => receiver.Connection is not null);
        using Socket peer = listener.Accept();
        receiver.Connection!.StartReceive();
        peer.Send([1]);
        TurnUntil(driver, () => receiver.Count == 1);

        // The only buffer is kept, against the contract, as a lost one would be: nothing can be received.
        peer.Send([2]);
        for (int i = 0; i < 20; i++)
        {
            driver.Turn(0);
        }

        Assert.Equal(1, receiver.Count);
        Deliver(driver, OperationKind.Receive, result: 1, IoUringAbi.CqeMore | IoUringAbi.CqeBuffer);
        TurnUntil(driver, () => receiver.Count == 2);
        Assert.Equal(1, driver.Statistics.StaleCompletions);
    }

    [Fact]
    public void Its_accepted_descriptor_is_closed()
    {
        IoUringWorlds.Require();
        using IoUringDriver driver = IoUringDriver.Create(IoUringOptions.Probe);
        int fd = Libc.EventFd();
        Assert.Equal(0, Libc.SignalEventFd(fd) - sizeof(ulong));
        Deliver(driver, OperationKind.Accept, fd, IoUringAbi.CqeMore);
        Assert.Equal(-Errno.EBADF, Libc.SignalEventFd(fd));
        Assert.Equal(1, driver.Statistics.StaleCompletions);
    }

    [Fact]
    public void One_for_a_place_that_never_was_is_dropped()
    {
        IoUringWorlds.Require();
        using IoUringDriver driver = IoUringDriver.Create(IoUringOptions.Probe);
        driver.Deliver(new CompletionEntry
        {
            UserData = 0xFFFF_FFFF | OldGeneration | ((ulong)OperationKind.Send << 56),
            Result = 1,
            Flags = IoUringAbi.CqeMore,
        });
        Assert.Equal(1, driver.Statistics.StaleCompletions);
    }

    [Fact]
    public void One_that_nobody_asked_for_is_not_even_stale()
    {
        IoUringWorlds.Require();
        using IoUringDriver driver = IoUringDriver.Create(IoUringOptions.Probe);
        driver.Deliver(new CompletionEntry { UserData = IoUringDriver.IgnoredUserData, Result = -Errno.ENOENT });
        Assert.Equal(0, driver.Statistics.StaleCompletions);
    }

    /// <summary>Place 1 is the first after the driver's own wake target.</summary>
    private static void Deliver(IoUringDriver driver, OperationKind kind, int result, uint flags) =>
        driver.Deliver(new CompletionEntry
        {
            UserData = 1 | OldGeneration | ((ulong)kind << 56),
            Result = result,
            Flags = flags,
        });

    private static void TurnUntil(Driver driver, Func<bool> condition)
    {
        for (int i = 0; !condition(); i++)
        {
            Assert.True(i < 3000, "Waited in vain.");
            driver.Turn(10_000_000);
        }
    }

    private sealed class Keeper : IConnectHandler, IConnectionHandler
    {
        public DriverConnection? Connection { get; private set; }

        public int Count { get; private set; }

        public void OnConnected(DriverConnection connection)
        {
            Connection = connection;
            connection.Attach(this);
        }

        public void OnConnectFailed(SocketError error) => Assert.Fail($"Connecting failed with {error}.");

        public void OnReceived(in ReceivedBuffer buffer) => Count++;

        public void OnReceiveEnded(ReceiveEnd end, SocketError error)
        {
        }

        public void OnSent(SocketError error)
        {
        }

        public void OnClosed()
        {
        }
    }
}
