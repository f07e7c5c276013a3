using System.Net.Sockets;
using Gyre.Conformance.Probes;
using Gyre.Drivers;
using Xunit;

namespace Gyre.Conformance.Cases;

internal static class EndCases
{
    private const int MoreThanSocketsHold = 64 * 1024 * 1024;

    [ConformanceCase]
    public static void An_abort_reaches_the_peer_as_an_error(Rig rig)
    {
        (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
        server.StartReceive();
        rig.Turn(0);
        client.Close(abort: true);
        rig.TurnUntil(() => server.End is not null && client.IsClosed, "the server learns of the abort");
        Assert.Equal(ReceiveEnd.Failed, server.End);
        Assert.Equal(SocketError.ConnectionReset, server.EndError);
    }

    [ConformanceCase]
    public static void An_abort_reaches_a_peer_that_receives_later(Rig rig)
    {
        (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
        client.Close(abort: true);
        rig.TurnUntil(() => client.IsClosed, "the client is closed");
        rig.Settle();
        server.StartReceive();
        rig.TurnUntil(() => server.End is not null, "the server learns of the abort");
        Assert.Equal(ReceiveEnd.Failed, server.End);
    }

    [ConformanceCase]
    public static void A_send_to_a_peer_that_aborted_fails(Rig rig)
    {
        (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
        client.Close(abort: true);
        rig.TurnUntil(() => client.IsClosed, "the client is closed");
        rig.Settle();
        server.Stream(100, 100);
        rig.TurnUntil(() => server.SendError is not null, "the send ends");
        Assert.True(
            server.SendError is SocketError.ConnectionReset or SocketError.Shutdown or SocketError.ConnectionAborted,
            $"The send ended with {server.SendError}.");
    }

    [ConformanceCase]
    public static void A_send_under_way_fails_when_the_peer_aborts(Rig rig)
    {
        (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
        server.Stream(MoreThanSocketsHold, MoreThanSocketsHold);
        rig.Settle();
        Assert.True(server.IsSending, "The send must be larger than what the sockets hold.");
        client.Close(abort: true);
        rig.TurnUntil(() => server.SendError is not null, "the send ends");
        Assert.NotEqual(SocketError.Success, server.SendError);
    }

    [ConformanceCase]
    public static void Closing_with_a_receive_under_way_ends_once(Rig rig)
    {
        for (int step = 0; step < 6; step++)
        {
            (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
            server.StartReceive();
            client.Stream(100, 100);
            for (int i = 0; i < step; i++)
            {
                rig.Turn(0);
            }

            server.Close(abort: step % 2 == 0);
            server.Connection.Close(abort: true);
            client.Close(abort: false);
            rig.TurnUntil(() => server.IsClosed && client.IsClosed, "both are closed");
        }

        rig.Settle();
    }

    [ConformanceCase]
    public static void Closing_with_a_send_under_way_to_a_peer_that_does_not_read_ends_once(Rig rig)
    {
        foreach (bool abort in (bool[])[true, false])
        {
            (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
            server.Stream(MoreThanSocketsHold, MoreThanSocketsHold);
            rig.Settle();
            Assert.True(server.IsSending, "The send must be larger than what the sockets hold.");
            server.Close(abort);
            rig.TurnUntil(() => server.IsClosed, "the sender is closed");
            client.StartReceive();
            rig.TurnUntil(() => client.End is not null, "the peer learns of the end");
            Assert.True(client.Received < MoreThanSocketsHold, "A close must not go on to send what the system hadn't taken.");
            Assert.True(!abort || client.End == ReceiveEnd.Failed, $"The peer of an abort saw {client.End}.");
        }
    }

    [ConformanceCase]
    public static void Closing_with_everything_under_way_ends_once(Rig rig)
    {
        for (int step = 0; step < 5; step++)
        {
            (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
            foreach (ConnectionProbe end in (ConnectionProbe[])[client, server])
            {
                end.StartReceive();
                end.Stream(MoreThanSocketsHold, MoreThanSocketsHold);
                end.Connection.ShutdownSend();
            }

            for (int i = 0; i < step; i++)
            {
                rig.Turn(0);
            }

            client.StopReceive();
            client.Close(abort: false);
            server.Close(abort: true);
            rig.TurnUntil(() => server.IsClosed && client.IsClosed, "both are closed");
        }
    }

    [ConformanceCase]
    public static void Closing_before_the_first_turn_ends_once(Rig rig)
    {
        (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
        client.StartReceive();
        client.Stream(10, 10);
        client.Close(abort: false);
        server.Close(abort: false);
        rig.TurnUntil(() => server.IsClosed && client.IsClosed, "both are closed");
        rig.Settle();
    }

    [ConformanceCase]
    public static void A_connection_may_be_closed_in_each_of_its_handlers(Rig rig)
    {
        foreach (string where in (string[])["connected", "received", "ended", "sent"])
        {
            AcceptProbe listener = rig.Listen();
            ConnectProbe connect = rig.Connect(listener.Listener.LocalEndPoint);
            connect.WhenConnected = client =>
            {
                client.WhenReceived = self => CloseIf(self, where == "received");
                client.WhenReceiveEnded = self => CloseIf(self, where == "ended");
                client.WhenSent = self => CloseIf(self, where == "sent");
                client.StartReceive();
                client.Send(Pattern.Of(1, 0, 10));
                CloseIf(client, where == "connected");
            };
            listener.WhenAccepted = static server =>
            {
                server.StartReceive();
                server.Send(Pattern.Of(2, 0, 10));
                server.Connection.ShutdownSend();
            };
            rig.TurnUntil(() => connect.HasEnded && connect.Connected.IsClosed, $"a close where it {where} is done");
        }
    }

    [ConformanceCase]
    public static void Nothing_follows_the_end_of_a_connection(Rig rig)
    {
        (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
        server.StartReceive();
        client.Stream(500_000, 1000);
        rig.TurnUntil(() => server.Received > 10_000, "some of it arrives");
        server.Close(abort: true);
        rig.TurnUntil(() => server.IsClosed && client.SendError is not (null or SocketError.Success), "both ends see it");
        client.Close(abort: true);
        rig.TurnUntil(() => client.IsClosed, "the client is closed");
        rig.Settle();
    }

    [ConformanceCase]
    public static void Ends_that_cross_are_told_on_both_sides(Rig rig)
    {
        (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
        client.StartReceive();
        server.StartReceive();
        client.Connection.ShutdownSend();
        server.Connection.ShutdownSend();
        rig.TurnUntil(() => client.End is not null && server.End is not null, "both see the end");
        Assert.Equal(ReceiveEnd.EndOfStream, client.End);
        Assert.Equal(ReceiveEnd.EndOfStream, server.End);
    }

    private static void CloseIf(ConnectionProbe self, bool condition)
    {
        if (condition)
        {
            self.Close(abort: false);
        }
    }
}
