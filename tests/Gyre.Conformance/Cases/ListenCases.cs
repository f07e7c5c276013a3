using System.Net;
using System.Net.Sockets;
using Gyre.Conformance.Probes;
using Gyre.Drivers;
using Xunit;

namespace Gyre.Conformance.Cases;

internal static class ListenCases
{
    [ConformanceCase]
    public static void Port_0_gets_a_port(Rig rig)
    {
        AcceptProbe one = rig.Listen();
        AcceptProbe other = rig.Listen();
        Assert.NotEqual(0, one.Listener.LocalEndPoint.Port);
        Assert.NotEqual(0, other.Listener.LocalEndPoint.Port);
        Assert.NotEqual(one.Listener.LocalEndPoint, other.Listener.LocalEndPoint);
    }

    [ConformanceCase]
    public static void An_address_in_use_is_an_error_with_address_and_remedy(Rig rig)
    {
        AcceptProbe first = rig.Listen();
        IPEndPoint taken = first.Listener.LocalEndPoint;
        var error = Assert.Throws<SocketException>(() => rig.Driver.Listen(taken, new ListenOptions()));
        Assert.Equal(SocketError.AddressAlreadyInUse, error.SocketErrorCode);
        Assert.Contains(taken.ToString(), error.Message, StringComparison.Ordinal);
        Assert.Contains("port 0", error.Message, StringComparison.Ordinal);
    }

    [ConformanceCase]
    public static void An_address_of_another_machine_is_an_error_that_names_it(Rig rig)
    {
        // RFC 5737, documentation: no machine has it.
        var foreign = new IPEndPoint(IPAddress.Parse("192.0.2.1"), 0);
        var error = Assert.Throws<SocketException>(() => rig.Driver.Listen(foreign, new ListenOptions()));
        Assert.Equal(SocketError.AddressNotAvailable, error.SocketErrorCode);
        Assert.Contains(foreign.ToString(), error.Message, StringComparison.Ordinal);
    }

    [ConformanceCase]
    public static void An_address_is_free_again_after_its_listener_closed(Rig rig)
    {
        IPEndPoint endPoint = new(IPAddress.Loopback, 0);
        for (int i = 0; i < 5; i++)
        {
            AcceptProbe listener = rig.Listen(endPoint);
            endPoint = listener.Listener.LocalEndPoint;
            (ConnectionProbe client, ConnectionProbe server) = rig.Pair(listener);
            listener.Close();
            client.Close(abort: true);
            server.Close(abort: true);
            rig.TurnUntil(() => listener.IsClosed && client.IsClosed && server.IsClosed, "all three are closed");
        }
    }

    [ConformanceCase]
    public static void A_listener_that_never_accepted_closes(Rig rig)
    {
        for (int i = 0; i < 20; i++)
        {
            rig.Listen(accept: false).Close();
        }

        rig.Settle();
    }

    [ConformanceCase]
    public static void A_listener_that_accepted_closes_twice_but_says_so_once(Rig rig)
    {
        AcceptProbe listener = rig.Listen();
        rig.Turn(0);
        listener.Close();
        listener.Close();
        rig.TurnUntil(() => listener.IsClosed, "the listener is closed");
        rig.Settle();
    }

    [ConformanceCase]
    public static void Stopping_and_starting_an_accept_loses_no_connection(Rig rig)
    {
        const int count = 60;
        AcceptProbe listener = rig.Listen();
        var attempts = new List<ConnectProbe>();
        for (int i = 0; i < count; i++)
        {
            attempts.Add(rig.Connect(listener.Listener.LocalEndPoint));
            for (int turn = 0; turn < i % 4; turn++)
            {
                rig.Turn(0);
            }

            listener.Stop();
            listener.Stop();
            rig.TurnUntil(() => !listener.IsAccepting, "the accept ends");
            listener.Start();
        }

        rig.TurnUntil(() => attempts.All(static one => one.HasEnded) && listener.AcceptedCount == count, "all are accepted");
        Assert.Equal(count, listener.Ends.Count);
        Assert.All(listener.Ends, static reason => Assert.Equal(SocketError.OperationAborted, reason));
    }

    [ConformanceCase]
    public static void A_stop_where_connections_are_delivered_loses_none_of_the_same_turn(Rig rig)
    {
        const int count = 60;
        AcceptProbe listener = rig.Listen();
        listener.WhenAccepted = _ => listener.Stop();
        ConnectProbe[] attempts = [.. Enumerable.Range(0, count).Select(_ => rig.Connect(listener.Listener.LocalEndPoint))];
        rig.TurnUntil(
            () =>
            {
                if (!listener.IsAccepting)
                {
                    listener.Start();
                }

                return listener.AcceptedCount == count && Array.TrueForAll(attempts, static one => one.HasEnded);
            },
            "all are accepted although each stops the accept");
    }

    [ConformanceCase]
    public static void A_stopped_listener_queues_and_delivers_later(Rig rig)
    {
        AcceptProbe listener = rig.Listen();
        listener.Stop();
        rig.TurnUntil(() => !listener.IsAccepting, "the accept ends");
        ConnectProbe attempt = rig.Connect(listener.Listener.LocalEndPoint);
        rig.TurnUntil(() => attempt.HasEnded, "the system connects");
        rig.Settle();
        Assert.Equal(0, listener.AcceptedCount);
        listener.Start();
        rig.TurnUntil(() => listener.AcceptedCount == 1, "the queued connection is delivered");
    }

    [ConformanceCase]
    public static void Connections_that_nobody_accepted_end_with_the_listener(Rig rig)
    {
        AcceptProbe listener = rig.Listen(accept: false);
        ConnectProbe attempt = rig.Connect(listener.Listener.LocalEndPoint);
        rig.TurnUntil(() => attempt.HasEnded, "the system connects");
        attempt.Connected.StartReceive();
        listener.Close();
        rig.TurnUntil(() => attempt.Connected.End is not null, "the peer learns of the end");
        Assert.Equal(ReceiveEnd.Failed, attempt.Connected.End);
        Assert.Equal(SocketError.ConnectionReset, attempt.Connected.EndError);
    }

    [ConformanceCase]
    public static void A_connection_may_be_closed_where_it_is_accepted(Rig rig)
    {
        AcceptProbe listener = rig.Listen();
        listener.WhenAccepted = static accepted => accepted.Close(abort: false);
        ConnectProbe[] attempts = [.. Enumerable.Range(0, 50).Select(_ => rig.Connect(listener.Listener.LocalEndPoint))];
        foreach (ConnectProbe attempt in attempts)
        {
            attempt.WhenConnected = static connected => connected.StartReceive();
        }

        rig.TurnUntil(
            () => Array.TrueForAll(attempts, static one => one.HasEnded && one.Connected.End is not null), "all peers see the end");
        Assert.All(attempts, static one => Assert.Equal(ReceiveEnd.EndOfStream, one.Connected.End));
    }

    [ConformanceCase]
    public static void The_listener_may_be_closed_where_it_accepts(Rig rig)
    {
        AcceptProbe listener = rig.Listen();
        listener.WhenAccepted = _ =>
        {
            if (!listener.IsClosing)
            {
                listener.Close();
            }
        };
        ConnectProbe[] attempts = [.. Enumerable.Range(0, 20).Select(_ => rig.Connect(listener.Listener.LocalEndPoint))];
        rig.TurnUntil(() => listener.IsClosed && Array.TrueForAll(attempts, static one => one.HasEnded), "all is over");
        Assert.Equal(1, listener.AcceptedCount);
    }
}
