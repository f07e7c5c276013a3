using Gyre.Conformance.Probes;
using Gyre.Drivers;
using Xunit;

namespace Gyre.Conformance.Cases;

internal static class StopCases
{
    [ConformanceCase]
    public static void An_idle_receive_stops_and_starts_again(Rig rig)
    {
        (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
        for (int i = 1; i <= 30; i++)
        {
            server.StartReceive();
            Turn(rig, i % 3);
            server.StopReceive();
            server.StopReceive();
            rig.TurnUntil(() => server.Stops == i, "the receive stops");
        }

        server.StartReceive();
        client.Stream(10, 10);
        rig.TurnUntil(() => server.Received == 10, "receiving works as before");
    }

    [ConformanceCase]
    public static void Stopping_at_every_step_loses_nothing(Rig rig)
    {
        const int total = 3_000_000;
        (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
        client.Stream(total, 70_001);
        client.WhenSent = static self => CloseWhenAllSent(self, total);
        int rounds = 0;
        while (server.End is not ReceiveEnd.EndOfStream)
        {
            server.StartReceive();
            Turn(rig, rounds++ % 4);
            if (server.IsReceiving)
            {
                server.StopReceive();
            }

            rig.TurnUntil(() => !server.IsReceiving, "the receive stops");
        }

        Assert.Equal(total, server.Received);
    }

    [ConformanceCase]
    public static void A_stop_asked_for_in_the_handler_loses_nothing(Rig rig)
    {
        const int total = 2_000_000;
        (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
        server.WhenReceived = static self => self.StopReceive();
        server.WhenReceiveEnded = static self => StartAgain(self);
        server.StartReceive();
        client.Stream(total, total);
        client.Connection.ShutdownSend();
        rig.TurnUntil(() => server.End is ReceiveEnd.EndOfStream, "the end arrives");
        Assert.Equal(total, server.Received);
        Assert.True(server.Stops > 0, "Stopping in the handler must have taken effect.");
    }

    [ConformanceCase]
    public static void A_stop_that_crosses_the_end_of_the_stream_tells_one_of_them_first(Rig rig)
    {
        for (int step = 0; step < 6; step++)
        {
            (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
            server.StartReceive();
            rig.Turn(0);
            client.Stream(1000, 1000);
            client.Connection.ShutdownSend();
            Turn(rig, step);
            if (server.IsReceiving)
            {
                server.StopReceive();
            }

            rig.TurnUntil(() => !server.IsReceiving, "the receive ends");
            if (server.End == ReceiveEnd.Stopped)
            {
                server.StartReceive();
                rig.TurnUntil(() => server.End == ReceiveEnd.EndOfStream, "the end of the stream comes afterwards");
            }

            Assert.Equal(ReceiveEnd.EndOfStream, server.End);
            Assert.Equal(1000, server.Received);
        }
    }

    [ConformanceCase]
    public static void A_consumer_that_stops_stops_the_sender_and_resumes_without_loss(Rig rig)
    {
        const int total = 64 * 1024 * 1024;
        (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
        server.StartReceive();
        server.WhenReceived = static self => self.StopReceive();
        client.Stream(total, 256 * 1024);
        rig.TurnUntil(() => server.End == ReceiveEnd.Stopped, "the consumer has stopped");
        long taken = -1;
        while (taken != client.Sent)
        {
            taken = client.Sent;
            rig.Settle();
        }

        Assert.True(client.IsSending && taken < total, $"Nobody reads, but the sender got rid of {taken} bytes of {total}.");
        server.WhenReceived = null;
        server.StartReceive();
        rig.TurnUntil(() => server.Received == total, "everything arrives");
    }

    [ConformanceCase]
    public static void An_abort_during_a_pause_is_an_error_afterwards(Rig rig)
    {
        for (int step = 0; step < 4; step++)
        {
            (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
            server.StartReceive();
            Turn(rig, step);
            server.StopReceive();
            rig.TurnUntil(() => !server.IsReceiving, "the receive stops");
            client.Close(abort: true);
            rig.TurnUntil(() => client.IsClosed, "the client is closed");
            rig.Settle();
            server.StartReceive();
            rig.TurnUntil(() => server.End != ReceiveEnd.Stopped && !server.IsReceiving, "the server learns of the abort");
            Assert.Equal(ReceiveEnd.Failed, server.End);
        }
    }

    [ConformanceCase]
    public static void A_stop_before_the_first_turn_stops(Rig rig)
    {
        (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
        client.Stream(100, 100);
        rig.TurnUntil(() => !client.IsSending, "the system takes it");
        server.StartReceive();
        server.StopReceive();
        rig.TurnUntil(() => server.End == ReceiveEnd.Stopped, "the receive stops");
        server.StartReceive();
        rig.TurnUntil(() => server.Received == 100, "nothing was lost");
    }

    private static void Turn(Rig rig, int times)
    {
        for (int i = 0; i < times; i++)
        {
            rig.Turn(0);
        }
    }

    private static void CloseWhenAllSent(ConnectionProbe self, long total)
    {
        if (self.Sent == total && !self.IsSending)
        {
            self.Connection.ShutdownSend();
        }
    }

    private static void StartAgain(ConnectionProbe self)
    {
        if (self.End == ReceiveEnd.Stopped)
        {
            self.StartReceive();
        }
    }
}
