using System.Net.Sockets;
using Gyre.Conformance.Probes;
using Gyre.Drivers;
using Xunit;

namespace Gyre.Conformance.Cases;

/// <summary>Files that the driver sends by itself: the same promises as for bytes, and two errors of their own.</summary>
internal static class SendFileCases
{
    private const int Large = 16 * 1024 * 1024;

    [ConformanceCase(Needs = DriverCapabilities.SendFile)]
    public static void A_whole_file_arrives(Rig rig)
    {
        (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
        using var file = new PatternFile(client.OutSeed, 0, 300_000);
        server.StartReceive();
        client.SendFile(file.Handle, 0, 300_000);
        rig.TurnUntil(() => server.Received == 300_000 && !client.IsSending, "the file arrives");
        Assert.Equal(SocketError.Success, client.SendError);
        rig.Settle();
        Assert.Equal(300_000, server.Received);
    }

    [ConformanceCase(Needs = DriverCapabilities.SendFile)]
    public static void A_piece_of_a_file_arrives_and_nothing_else_of_it(Rig rig)
    {
        (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
        using var file = new PatternFile(client.OutSeed, 0, 10_000, before: 4321);
        server.StartReceive();
        for (int i = 0; i < 10; i++)
        {
            client.SendFile(file.Handle, 4321 + client.Sent, 777);
            rig.TurnUntil(() => server.Received == client.Sent && !client.IsSending, "the piece arrives");
        }

        rig.Settle();
        Assert.Equal(7770, server.Received);
    }

    [ConformanceCase(Needs = DriverCapabilities.SendFile)]
    public static void No_bytes_of_a_file_are_sent_at_once(Rig rig)
    {
        (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
        using var file = new PatternFile(client.OutSeed, 0, 10);
        server.StartReceive();
        foreach (long offset in (long[])[0, 10, 1000])
        {
            client.SendFile(file.Handle, offset, 0);
            rig.TurnUntil(() => !client.IsSending, "it ends");
            Assert.Equal(SocketError.Success, client.SendError);
        }

        Assert.Equal(0, server.Received);
    }

    [ConformanceCase(Needs = DriverCapabilities.SendFile)]
    public static void A_file_larger_than_the_sockets_hold_waits_for_its_reader(Rig rig)
    {
        (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
        using var file = new PatternFile(client.OutSeed, 0, Large);
        client.SendFile(file.Handle, 0, Large);
        client.Connection.ShutdownSend();
        rig.Settle();
        Assert.True(client.IsSending, "The sockets hold all of the file; the case needs a larger one.");
        server.StartReceive();
        server.WhenReceived = static self => self.StopReceive();
        server.WhenReceiveEnded = static self => StartAgain(self);
        rig.TurnUntil(() => server.End == ReceiveEnd.EndOfStream, "the end arrives behind the file");
        Assert.Equal(Large, server.Received);
        Assert.Equal(SocketError.Success, client.SendError);
    }

    [ConformanceCase(Needs = DriverCapabilities.SendFile)]
    public static void Files_and_bytes_arrive_in_the_order_of_their_sends(Rig rig)
    {
        (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
        server.StartReceive();
        using var file = new PatternFile(client.OutSeed, 0, 2_000_000);
        int sends = 0;
        client.WhenSent = self => SendNext(self, file, ++sends);
        SendNext(client, file, sends);
        rig.TurnUntil(() => sends == 40 && server.Received == client.Sent, "all of it arrives");
    }

    [ConformanceCase(Needs = DriverCapabilities.SendFile)]
    public static void A_file_goes_out_while_bytes_come_in(Rig rig)
    {
        (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
        using var clients = new PatternFile(client.OutSeed, 0, Large);
        using var servers = new PatternFile(server.OutSeed, 0, Large);
        client.StartReceive();
        server.StartReceive();
        client.SendFile(clients.Handle, 0, Large);
        server.SendFile(servers.Handle, 0, Large);
        rig.TurnUntil(() => client.Received == Large && server.Received == Large, "both files arrive");
        client.Stream(Large, 100_000);
        server.SendFile(servers.Handle, 0, 0);
        rig.TurnUntil(() => server.Received == 2 * Large && !server.IsSending, "the bytes behind them arrive");
        Assert.Null(client.End);
        Assert.Null(server.End);
    }

    [ConformanceCase(Needs = DriverCapabilities.SendFile)]
    public static void A_file_that_is_too_short_is_told_apart(Rig rig)
    {
        (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
        using var file = new PatternFile(client.OutSeed, 0, 1000);
        server.StartReceive();
        client.SendFile(file.Handle, 0, 1001);
        rig.TurnUntil(() => !client.IsSending, "the send ends");
        Assert.Equal(SocketError.MessageSize, client.SendError);
        rig.TurnUntil(() => server.Received == 1000, "what there was has been sent");
        client.SendFile(file.Handle, 1000, 1);
        rig.TurnUntil(() => !client.IsSending, "the send ends");
        Assert.Equal(SocketError.MessageSize, client.SendError);
    }

    [ConformanceCase(Needs = DriverCapabilities.SendFile)]
    public static void A_file_that_is_cut_while_it_is_sent_ends_the_send(Rig rig)
    {
        (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
        using var file = new PatternFile(client.OutSeed, 0, Large);
        client.SendFile(file.Handle, 0, Large);
        rig.Settle();
        Assert.True(client.IsSending, "The sockets hold all of the file; the case needs a larger one.");
        file.Cut(0);

        // What the socket holds of it are the very pages that were cut off, so what arrives of them isn't promised.
        server.Speaks(server.OutSeed, hears: -1);
        server.StartReceive();
        rig.TurnUntil(() => !client.IsSending, "the send ends");
        Assert.Equal(SocketError.MessageSize, client.SendError);
        Assert.True(server.Received < Large, "More arrived than there was.");
    }

    [ConformanceCase(Needs = DriverCapabilities.SendFile)]
    public static void A_reset_ends_the_file(Rig rig)
    {
        (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
        using var file = new PatternFile(client.OutSeed, 0, Large);
        client.SendFile(file.Handle, 0, Large);
        rig.Settle();
        server.Close(abort: true);
        rig.TurnUntil(() => !client.IsSending, "the send ends");
        Assert.True(client.SendError is SocketError.ConnectionReset or SocketError.Shutdown, $"It ended with {client.SendError}.");
    }

    [ConformanceCase(Needs = DriverCapabilities.SendFile)]
    public static void Closing_while_a_file_is_sent_ends_once_and_lets_go_of_the_handle(Rig rig)
    {
        for (int step = 0; step < 12; step++)
        {
            (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
            using var file = new PatternFile(client.OutSeed, 0, step < 6 ? 1000 : Large);
            client.StartReceive();
            client.SendFile(file.Handle, 0, step < 6 ? 1000 : Large);
            file.Handle.Dispose();
            for (int i = 0; i < step % 6 / 2; i++)
            {
                rig.Submit();
                rig.Turn(0);
            }

            client.Close(abort: step % 2 == 0);
            rig.TurnUntil(() => client.IsClosed, "the client is closed");
            Assert.True(file.Handle.IsClosed, "The driver still holds the handle after OnClosed.");
            server.Close(abort: false);
            rig.TurnUntil(() => server.IsClosed, "the server is closed");
        }
    }

    [ConformanceCase(Needs = DriverCapabilities.SendFile)]
    public static void A_handle_that_is_disposed_meanwhile_is_held_until_the_end(Rig rig)
    {
        (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
        using var file = new PatternFile(client.OutSeed, 0, Large);
        client.SendFile(file.Handle, 0, Large);
        file.Handle.Dispose();
        rig.Settle();
        Assert.False(file.Handle.IsClosed, "The driver let go of the handle in the middle of the file.");
        server.StartReceive();
        rig.TurnUntil(() => server.Received == Large && !client.IsSending, "the file arrives");
        Assert.True(file.Handle.IsClosed, "The driver still holds the handle after OnSent.");
    }

    [ConformanceCase(Needs = DriverCapabilities.SendFile)]
    public static void Something_that_is_no_file_is_refused_or_sent_but_never_hangs(Rig rig)
    {
        (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
        using var folder = File.OpenHandle("/dev/null");
        server.StartReceive();
        client.SendFile(folder, 0, 10);
        rig.TurnUntil(() => !client.IsSending, "the send ends");
        Assert.True(
            client.SendError is SocketError.OperationNotSupported or SocketError.MessageSize, $"It ended with {client.SendError}.");
        Assert.Equal(0, server.Received);
    }

    [ConformanceCase(Needs = DriverCapabilities.SendFile)]
    public static void A_file_leaves_the_others_their_turns(Rig rig)
    {
        (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
        (ConnectionProbe other, ConnectionProbe otherServer) = rig.Pair();
        using var file = new PatternFile(client.OutSeed, 0, Large);
        server.StartReceive();
        otherServer.StartReceive();
        client.SendFile(file.Handle, 0, Large);
        int trips = 0;
        other.WhenSent = self => Echo(self, ref trips);
        other.Stream(1, 1);
        rig.TurnUntil(() => server.Received == Large, "the file arrives");
        Assert.True(trips > 1, "Nothing else was sent while the file was.");
    }

    [ConformanceCase(Needs = DriverCapabilities.SendFile)]
    public static void Disposing_with_files_under_way_lets_go_of_them(World world)
    {
        for (int turns = 0; turns < 4; turns++)
        {
            Rig rig = world.OpenRig();
            (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
            using var file = new PatternFile(client.OutSeed, 0, Large);
            server.StartReceive();
            client.SendFile(file.Handle, 0, Large);
            file.Handle.Dispose();
            for (int i = 0; i < turns; i++)
            {
                rig.Turn(0);
            }

            rig.Dispose();
            Assert.True(file.Handle.IsClosed, "The driver still holds the handle after its disposal.");
        }
    }

    private static void SendNext(ConnectionProbe self, PatternFile file, int number)
    {
        switch (number < 40 ? number % 4 : -1)
        {
            case 0:
                self.SendWithMore(100);
                break;
            case 1 or 3:
                self.SendFile(file.Handle, self.Sent, (number * 1000) + 1);
                break;
            case 2:
                self.Stream(5000, 5000);
                break;
        }
    }

    private static void Echo(ConnectionProbe self, ref int trips)
    {
        trips++;
        self.Stream(1, 1);
    }

    private static void StartAgain(ConnectionProbe self)
    {
        if (self.End == ReceiveEnd.Stopped)
        {
            self.StartReceive();
        }
    }
}
