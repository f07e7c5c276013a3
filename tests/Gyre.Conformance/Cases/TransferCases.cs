using System.Buffers;
using System.Net.Sockets;
using Gyre.Conformance.Probes;
using Gyre.Drivers;
using Xunit;

namespace Gyre.Conformance.Cases;

internal static class TransferCases
{
    private const int Large = 8 * 1024 * 1024;

    [ConformanceCase]
    public static void One_byte_arrives(Rig rig)
    {
        (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
        server.StartReceive();
        client.Stream(1, 1);
        rig.TurnUntil(() => server.Received == 1 && !client.IsSending, "the byte arrives");
        Assert.Equal(SocketError.Success, client.SendError);
        Assert.Null(server.End);
    }

    [ConformanceCase]
    public static void Many_tiny_pieces_arrive_in_order(Rig rig)
    {
        (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
        server.StartReceive();
        client.Stream(2000, 1);
        rig.TurnUntil(() => server.Received == 2000, "all tiny pieces arrive");
    }

    [ConformanceCase]
    public static void A_send_of_many_segments_arrives_in_order(Rig rig)
    {
        (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
        server.StartReceive();
        long position = 0;
        foreach (int segments in (int[])[2, 63, 64, 65, 200, 1100])
        {
            client.Send(Pattern.Crumbs(client.OutSeed, position, segments));
            position += segments;
            rig.TurnUntil(() => server.Received == position && !client.IsSending, "all crumbs arrive");
        }
    }

    [ConformanceCase]
    public static void Empty_segments_are_skipped(Rig rig)
    {
        (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
        server.StartReceive();
        ReadOnlySequence<byte> whole = Pattern.Of(client.OutSeed, 0, 70_000);
        SequencePosition end = whole.GetPosition(65_521);
        client.Send(whole.Slice(whole.Start, end));
        rig.TurnUntil(() => !client.IsSending, "the first part is sent");
        client.Send(whole.Slice(end));
        rig.TurnUntil(() => server.Received == 70_000, "both parts arrive");
    }

    [ConformanceCase]
    public static void Megabytes_go_both_ways_at_once(Rig rig)
    {
        (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
        client.StartReceive();
        server.StartReceive();
        client.Stream(Large, Large);
        server.Stream(Large, 300_000);
        rig.TurnUntil(() => client.Received == Large && server.Received == Large, "all megabytes arrive");
    }

    [ConformanceCase]
    public static void Data_that_came_before_the_receive_is_delivered(Rig rig)
    {
        (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
        client.Stream(10_000, 10_000);
        rig.TurnUntil(() => !client.IsSending, "the system takes it");
        client.Connection.ShutdownSend();
        rig.Settle();
        server.StartReceive();
        rig.TurnUntil(() => server.End is not null, "the end arrives");
        Assert.Equal(10_000, server.Received);
        Assert.Equal(ReceiveEnd.EndOfStream, server.End);
    }

    [ConformanceCase]
    public static void An_answer_may_be_started_where_the_question_is_received(Rig rig)
    {
        (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
        server.StartReceive();
        client.StartReceive();
        server.WhenReceived = static self => AnswerWhole(self);
        for (int i = 1; i <= 100; i++)
        {
            client.Stream(3, 3);
            rig.TurnUntil(() => client.Received == i * 5 && !client.IsSending, "the answer arrives");
        }
    }

    [ConformanceCase]
    public static void Half_close_ends_one_direction_only(Rig rig)
    {
        (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
        client.StartReceive();
        server.StartReceive();
        client.Connection.ShutdownSend();
        rig.TurnUntil(() => server.End is not null, "the server sees the end");
        Assert.Equal(ReceiveEnd.EndOfStream, server.End);
        Assert.Null(client.End);
        server.Stream(1_000_000, 100_000);
        rig.TurnUntil(() => client.Received == 1_000_000, "the other direction goes on");
        server.Connection.ShutdownSend();
        rig.TurnUntil(() => client.End is not null, "the client sees the end");
        Assert.Equal(ReceiveEnd.EndOfStream, client.End);
    }

    [ConformanceCase]
    public static void A_half_close_waits_behind_the_send_before_it(Rig rig)
    {
        (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
        client.Stream(Large, Large);
        client.Connection.ShutdownSend();
        rig.Turn(0);
        server.StartReceive();
        rig.TurnUntil(() => server.End is not null, "the end arrives behind the data");
        Assert.Equal(Large, server.Received);
        Assert.Equal(ReceiveEnd.EndOfStream, server.End);
        Assert.Equal(SocketError.Success, client.SendError);
    }

    [ConformanceCase]
    public static void A_graceful_close_delivers_what_was_taken(Rig rig)
    {
        (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
        client.Stream(20_000, 20_000);
        rig.TurnUntil(() => !client.IsSending, "the system takes it");
        client.Close(abort: false);
        rig.TurnUntil(() => client.IsClosed, "the client is closed");
        server.StartReceive();
        rig.TurnUntil(() => server.End is not null, "the end arrives");
        Assert.Equal(20_000, server.Received);
        Assert.Equal(ReceiveEnd.EndOfStream, server.End);
    }

    [ConformanceCase]
    public static void Options_of_a_connection_can_be_set(Rig rig)
    {
        (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
        client.Connection.SetNoDelay(false);
        client.Connection.SetKeepAlive(true);
        server.Connection.SetNoDelay(true);
        server.Connection.SetKeepAlive(false);
        server.StartReceive();
        client.Stream(100, 10);
        rig.TurnUntil(() => server.Received == 100, "the bytes arrive");
    }

    private static void AnswerWhole(ConnectionProbe self)
    {
        if (self.Received % 3 == 0)
        {
            self.Stream(5, 5);
        }
    }
}
