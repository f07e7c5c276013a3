using System.Net.Sockets;
using Gyre.Conformance.Probes;
using Gyre.Drivers;
using Xunit;

namespace Gyre.Conformance.Cases;

/// <summary>Sends whose end nobody waits for: the same promises, only the success may be told later.</summary>
internal static class QuietSendCases
{
    private const int Large = 8 * 1024 * 1024;

    [ConformanceCase]
    public static void Small_quiet_sends_arrive_and_end(Rig rig)
    {
        (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
        server.StartReceive();
        client.IsQuiet = true;
        for (int i = 1; i <= 200; i++)
        {
            client.Stream(i, i);
            rig.TurnUntil(() => server.Received == client.Sent && !client.IsSending, "the bytes arrive and the send ends");
        }
    }

    [ConformanceCase]
    public static void A_quiet_send_larger_than_the_sockets_hold_arrives(Rig rig)
    {
        (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
        client.IsQuiet = true;
        client.Stream(Large, Large);
        client.Connection.ShutdownSend();
        rig.Settle();
        server.StartReceive();
        rig.TurnUntil(() => server.End is not null, "the end arrives behind the bytes");
        Assert.Equal(Large, server.Received);
        Assert.Equal(SocketError.Success, client.SendError);
    }

    [ConformanceCase]
    public static void Many_quiet_sends_of_one_turn_arrive(Rig rig)
    {
        List<(ConnectionProbe Client, ConnectionProbe Server)> pairs = [.. Enumerable.Range(0, 64).Select(_ => rig.Pair())];
        pairs.ForEach(static pair => pair.Server.StartReceive());
        for (int round = 1; round <= 20; round++)
        {
            foreach ((ConnectionProbe client, _) in pairs)
            {
                client.IsQuiet = true;
                client.Stream(100, 100);
            }

            rig.TurnUntil(
                () => pairs.TrueForAll(pair => pair.Server.Received == round * 100 && !pair.Client.IsSending), "all of them arrive");
        }
    }

    [ConformanceCase]
    public static void A_quiet_send_that_fails_says_so(Rig rig)
    {
        (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
        client.Close(abort: true);
        rig.TurnUntil(() => client.IsClosed, "the client is closed");
        rig.Settle();
        server.IsQuiet = true;
        server.Stream(100, 100);
        rig.TurnUntil(() => server.SendError is not null, "the send ends");
        Assert.NotEqual(SocketError.Success, server.SendError);
    }

    [ConformanceCase]
    public static void Closing_with_a_quiet_send_under_way_ends_once(Rig rig)
    {
        for (int step = 0; step < 8; step++)
        {
            (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
            client.StartReceive();
            client.IsQuiet = true;
            client.Stream(step < 4 ? 100 : 64 * 1024 * 1024, 64 * 1024 * 1024);
            for (int i = 0; i < step % 4; i++)
            {
                rig.Submit();
                rig.Turn(0);
            }

            client.Close(abort: step % 2 == 0);
            rig.TurnUntil(() => client.IsClosed, "the client is closed");
            server.Close(abort: false);
            rig.TurnUntil(() => server.IsClosed, "the server is closed");
        }
    }

    [ConformanceCase]
    public static void Disposing_with_quiet_sends_under_way_is_fine(World world)
    {
        for (int turns = 0; turns < 3; turns++)
        {
            Rig rig = world.OpenRig();
            (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
            (ConnectionProbe small, _) = rig.Pair();
            client.IsQuiet = small.IsQuiet = true;
            client.Stream(64 * 1024 * 1024, 64 * 1024 * 1024);
            small.Stream(10, 10);
            server.StartReceive();
            for (int i = 0; i < turns; i++)
            {
                rig.Turn(0);
            }

            rig.Dispose();
        }
    }

    [ConformanceCase]
    public static void A_driver_that_submits_before_each_turn_loses_nothing(Rig rig)
    {
        (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
        server.StartReceive();
        client.StartReceive();
        server.WhenReceived = static self => self.StopReceive();
        server.WhenReceiveEnded = static self => StartAgain(self);
        client.Stream(1_000_000, 30_000);
        server.Stream(1_000_000, 30_000);
        rig.TurnUntil(
            () =>
            {
                rig.Submit();
                return server.Received == 1_000_000 && client.Received == 1_000_000;
            },
            "everything arrives");
    }

    private static void StartAgain(ConnectionProbe self)
    {
        if (self.End == ReceiveEnd.Stopped)
        {
            self.StartReceive();
        }
    }
}
