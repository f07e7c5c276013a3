using System.Net;
using System.Net.Sockets;
using Gyre.Drivers;
using Gyre.Drivers.IoUring;
using Gyre.Interop.Linux;
using Gyre.Net;

namespace Gyre.Tests.Drivers.IoUring;

[Collection(DescriptorCollection.Name)]
public sealed class DisposalTests
{
    /// <summary>A close that the ring did must not be repeated by number, which may be another thread's file by then.</summary>
    [Fact]
    public void What_the_ring_has_closed_is_not_closed_again()
    {
        IoUringWorlds.Require();
        Assert.Equal(CallsToCloseAtDisposal(closing: 0) - 10, CallsToCloseAtDisposal(closing: 10));
    }

    [Fact]
    public void A_ring_that_fails_is_quarantined_and_its_descriptors_still_closed()
    {
        IoUringWorlds.Require();
        IoUringDriver driver = IoUringDriver.Create();
        DriverListener listener = driver.Listen(new IPEndPoint(IPAddress.Loopback, 0), new ListenOptions());
        listener.StartAccept(new Ignorer());
        driver.Turn(0);
        Faulty("io_uring_enter", Errno.EFAULT, driver.Dispose);

        // The accept in flight keeps the listening socket until the kernel has taken the closed ring apart, at its leisure.
        Assert.True(SpinWait.SpinUntil(() => IsRefused(listener.LocalEndPoint), TimeSpan.FromSeconds(30)), "Something still listens.");
    }

    [Fact]
    public void An_enter_that_fails_for_good_is_an_error_that_says_so()
    {
        IoUringWorlds.Require();
        using IoUringDriver driver = IoUringDriver.Create();
        Faulty("io_uring_enter", Errno.EFAULT, () =>
        {
            var error = Assert.Throws<InvalidOperationException>(() => driver.Turn(1));
            Assert.Contains("errno 14", error.Message, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void A_backlog_that_the_kernel_does_not_take_is_never_waited_for()
    {
        IoUringWorlds.Require();
        using IoUringDriver driver = IoUringDriver.Create(new IoUringOptions { SubmissionEntries = 2, CompletionEntries = 4 });
        var counter = new Ignorer();
        var listener = driver.Listen(new IPEndPoint(IPAddress.Loopback, 0), new ListenOptions());
        for (int i = 0; i < 10; i++)
        {
            driver.StartConnect(listener.LocalEndPoint, new ConnectOptions(), counter);
        }

        // Only the enters that make room are refused; the one that waits would wait without the operations that end it.
        int refused = 0;
        SystemCallFault.Inject(call => call == "io_uring_enter" && refused++ < 1 ? Errno.EBUSY : 0);
        try
        {
            for (int i = 0; counter.Ended < 10; i++)
            {
                Assert.True(i < 1000, $"Only {counter.Ended} of 10 attempts ended.");
                driver.Turn(-1);
            }
        }
        finally
        {
            SystemCallFault.Inject(null);
        }
    }

    private static int CallsToCloseAtDisposal(int closing)
    {
        IoUringDriver driver = IoUringDriver.Create();
        var keeper = new Ignorer();
        DriverListener listener = driver.Listen(new IPEndPoint(IPAddress.Loopback, 0), new ListenOptions());
        for (int i = 0; i < 10; i++)
        {
            driver.StartConnect(listener.LocalEndPoint, new ConnectOptions(), keeper);
        }

        while (keeper.Connections.Count < 10)
        {
            driver.Turn(10_000_000);
        }

        foreach (DriverConnection connection in keeper.Connections.Take(closing))
        {
            connection.Attach(DiscardedConnection.Instance);
            connection.Close(abort: true);
        }

        int calls = 0;
        SystemCallFault.Inject(call =>
        {
            calls += call == "close" ? 1 : 0;
            return 0;
        });
        driver.Dispose();
        SystemCallFault.Inject(null);
        return calls;
    }

    private static bool IsRefused(IPEndPoint endPoint)
    {
        using var probe = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            probe.Connect(endPoint);
            return false;
        }
        catch (SocketException error) when (error.SocketErrorCode is SocketError.ConnectionRefused or SocketError.ConnectionReset)
        {
            return true;
        }
    }

    private static void Faulty(string failing, int errno, Action action)
    {
        SystemCallFault.Inject(call => call == failing ? errno : 0);
        try
        {
            action();
        }
        finally
        {
            SystemCallFault.Inject(null);
        }
    }

    private sealed class Ignorer : IAcceptHandler, IConnectHandler
    {
        public List<DriverConnection> Connections { get; } = [];

        public int Ended { get; private set; }

        public void OnAccepted(DriverConnection connection) => Connections.Add(connection);

        public void OnAcceptEnded(SocketError reason)
        {
        }

        public void OnListenerClosed()
        {
        }

        public void OnConnected(DriverConnection connection)
        {
            Ended++;
            Connections.Add(connection);
        }

        public void OnConnectFailed(SocketError error) => Ended++;
    }
}
