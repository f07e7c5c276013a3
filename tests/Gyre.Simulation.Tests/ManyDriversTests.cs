using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Gyre.Drivers;
using Xunit;

namespace Gyre.Simulation.Tests;

/// <summary>Several drivers on one network, turned by hand: they reach each other, and share one time.</summary>
public sealed class ManyDriversTests
{
    private const long Second = 1_000_000_000;

    [Fact]
    public void Drivers_of_one_network_reach_each_other_and_those_of_another_do_not()
    {
        var network = new SimulatedNetwork();
        using SimulatedDriver server = network.CreateDriver();
        using SimulatedDriver client = network.CreateDriver();
        using SimulatedDriver stranger = new SimulatedNetwork().CreateDriver();
        Assert.NotEqual(server.Number, client.Number);
        var events = new Events();
        DriverListener listener = server.Listen(new IPEndPoint(IPAddress.Loopback, 0), new ListenOptions());
        listener.StartAccept(events);
        client.StartConnect(listener.LocalEndPoint, new ConnectOptions(), events);
        var lost = new Events();
        stranger.StartConnect(listener.LocalEndPoint, new ConnectOptions(), lost);
        TurnUntil(() => events.Accepted is not null && events.Connected is not null && lost.Error is not null, server, client, stranger);
        Assert.Equal(SocketError.ConnectionRefused, lost.Error);

        events.Accepted!.StartReceive();
        events.Connected!.StartSend(new ReadOnlySequence<byte>(GC.AllocateArray<byte>(1000, pinned: true)));
        TurnUntil(() => events.ReceivedBytes == 1000, server, client);
        Assert.Equal(TimeSpan.Zero, network.Elapsed);
    }

    [Fact]
    public void Time_jumps_only_when_all_of_them_wait_and_to_the_earliest()
    {
        var network = new SimulatedNetwork();
        using SimulatedDriver first = network.CreateDriver();
        using SimulatedDriver second = network.CreateDriver();

        // The other one hasn't said yet that it waits.
        first.Turn(5 * Second);
        Assert.Equal(TimeSpan.Zero, network.Elapsed);
        second.Turn(3 * Second);
        Assert.Equal(TimeSpan.FromSeconds(3), network.Elapsed);

        // The second one has something to do now; the first still waits for its five seconds.
        first.Turn(2 * Second);
        Assert.Equal(TimeSpan.FromSeconds(3), network.Elapsed);
        second.Wake();
        second.Turn(Second);
        Assert.Equal(TimeSpan.FromSeconds(3), network.Elapsed);
        second.Turn(-1);
        Assert.Equal(TimeSpan.FromSeconds(5), network.Elapsed);
        Assert.Equal(first.GetTimestamp(), second.GetTimestamp());
    }

    [Fact]
    public void One_that_is_disposed_holds_time_no_longer()
    {
        var network = new SimulatedNetwork();
        using SimulatedDriver stays = network.CreateDriver();
        using (SimulatedDriver leaves = network.CreateDriver())
        {
            stays.Turn(Second);
            Assert.Equal(TimeSpan.Zero, network.Elapsed);
            leaves.Turn(0);
        }

        stays.Turn(Second);
        Assert.Equal(TimeSpan.FromSeconds(1), network.Elapsed);
    }

    [Fact]
    public void When_all_of_them_wait_for_ever_it_is_a_deadlock()
    {
        var network = new SimulatedNetwork();
        using SimulatedDriver first = network.CreateDriver();
        using SimulatedDriver second = network.CreateDriver();
        first.Turn(-1);
        Assert.Throws<SimulationDeadlockException>(() => second.Turn(-1));
    }

    private static void TurnUntil(Func<bool> condition, params SimulatedDriver[] drivers)
    {
        for (int turns = 0; !condition(); turns++)
        {
            Assert.True(turns < 1000, "Waited in vain.");
            foreach (SimulatedDriver driver in drivers)
            {
                driver.Turn(0);
            }
        }
    }

    private sealed class Events : IAcceptHandler, IConnectHandler, IConnectionHandler
    {
        public DriverConnection? Accepted { get; private set; }

        public DriverConnection? Connected { get; private set; }

        public SocketError? Error { get; private set; }

        public int ReceivedBytes { get; private set; }

        public void OnAccepted(DriverConnection connection)
        {
            Accepted = connection;
            connection.Attach(this);
        }

        public void OnAcceptEnded(SocketError reason)
        {
        }

        public void OnListenerClosed()
        {
        }

        public void OnConnected(DriverConnection connection)
        {
            Connected = connection;
            connection.Attach(this);
        }

        public void OnConnectFailed(SocketError error) => Error = error;

        public void OnReceived(in ReceivedBuffer buffer)
        {
            ReceivedBytes += buffer.Length;
            buffer.Return();
        }

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
