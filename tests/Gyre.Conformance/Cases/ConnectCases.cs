using System.Net;
using System.Net.Sockets;
using Gyre.Conformance.Probes;
using Gyre.Drivers;
using Xunit;

namespace Gyre.Conformance.Cases;

internal static class ConnectCases
{
    [ConformanceCase]
    public static void Both_ends_know_both_addresses(Rig rig)
    {
        (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
        Assert.NotNull(client.Connection.LocalEndPoint);
        Assert.NotEqual(0, client.Connection.LocalEndPoint.Port);
        Assert.Equal(client.Connection.LocalEndPoint, server.Connection.RemoteEndPoint);
        Assert.Equal(server.Connection.LocalEndPoint, client.Connection.RemoteEndPoint);
    }

    [ConformanceCase]
    public static void The_own_address_can_be_chosen(Rig rig)
    {
        AcceptProbe listener = rig.Listen();
        var local = new IPEndPoint(IPAddress.Parse("127.0.0.1"), 0);
        ConnectProbe connect = rig.Connect(listener.Listener.LocalEndPoint, new ConnectOptions { LocalEndPoint = local });
        rig.TurnUntil(() => connect.HasEnded, "the attempt ends");
        Assert.Equal(local.Address, connect.Connected.Connection.LocalEndPoint!.Address);
    }

    [ConformanceCase]
    public static void A_port_where_nobody_listens_refuses(Rig rig)
    {
        AcceptProbe listener = rig.Listen();
        IPEndPoint endPoint = listener.Listener.LocalEndPoint;
        listener.Close();
        rig.TurnUntil(() => listener.IsClosed, "the listener is closed");
        ConnectProbe[] attempts = [.. Enumerable.Range(0, 20).Select(_ => rig.Connect(endPoint))];
        rig.TurnUntil(() => attempts.All(static one => one.HasEnded), "all attempts end");
        Assert.All(attempts, static one => Assert.Equal(SocketError.ConnectionRefused, one.Error));
        Assert.Equal(0, rig.Driver.Statistics.Connections);
    }

    [ConformanceCase]
    public static void An_attempt_that_was_cancelled_before_the_turn_ends_once(Rig rig)
    {
        AcceptProbe listener = rig.Listen();
        for (int i = 0; i < 20; i++)
        {
            ConnectProbe attempt = rig.Connect(listener.Listener.LocalEndPoint);
            attempt.Operation.Cancel();
            attempt.Operation.Cancel();
            rig.TurnUntil(() => attempt.HasEnded, "the cancelled attempt ends");
            AssertCancelledOrConnected(attempt);
        }
    }

    [ConformanceCase]
    public static void An_attempt_that_was_cancelled_at_any_step_ends_once(Rig rig)
    {
        AcceptProbe listener = rig.Listen();
        for (int step = 0; step < 6; step++)
        {
            ConnectProbe attempt = rig.Connect(listener.Listener.LocalEndPoint);
            for (int i = 0; i < step; i++)
            {
                rig.Turn(0);
            }

            attempt.Operation.Cancel();
            rig.TurnUntil(() => attempt.HasEnded, "the cancelled attempt ends");
            AssertCancelledOrConnected(attempt);
            attempt.Operation.Cancel();
        }

        rig.Settle();
    }

    [ConformanceCase]
    public static void An_attempt_that_nobody_answers_waits_until_it_is_cancelled(Rig rig)
    {
        AcceptProbe silent = rig.Listen(options: new ListenOptions { Backlog = 1 }, accept: false);
        ConnectProbe[] attempts = [.. Enumerable.Range(0, 8).Select(_ => rig.Connect(silent.Listener.LocalEndPoint))];
        for (int i = 0; i < 20; i++)
        {
            rig.Turn(1_000_000);
        }

        ConnectProbe[] waiting = [.. attempts.Where(static one => !one.HasEnded)];
        Assert.True(waiting.Length > 0, "A full backlog must leave some attempts waiting.");
        foreach (ConnectProbe one in waiting)
        {
            one.Operation.Cancel();
        }

        rig.TurnUntil(() => attempts.All(static one => one.HasEnded), "the cancelled attempts end");
        Assert.All(waiting, static one => Assert.Equal(SocketError.OperationAborted, one.Error));
    }

    [ConformanceCase]
    public static void A_listener_for_both_families_takes_both(Rig rig)
    {
        RequireIPv6(rig);
        AcceptProbe listener = rig.Listen(new IPEndPoint(IPAddress.IPv6Any, 0));
        int port = listener.Listener.LocalEndPoint.Port;
        ConnectProbe four = rig.Connect(new IPEndPoint(IPAddress.Loopback, port));
        ConnectProbe six = rig.Connect(new IPEndPoint(IPAddress.IPv6Loopback, port));
        rig.TurnUntil(() => four.HasEnded && six.HasEnded && listener.AcceptedCount == 2, "both are accepted");
        Assert.Equal(AddressFamily.InterNetwork, four.Connected.Connection.LocalEndPoint!.AddressFamily);
        Assert.Equal(IPAddress.IPv6Loopback, six.Connected.Connection.LocalEndPoint!.Address);
    }

    [ConformanceCase]
    public static void A_listener_for_IPv6_alone_refuses_IPv4(Rig rig)
    {
        RequireIPv6(rig);
        AcceptProbe listener = rig.Listen(new IPEndPoint(IPAddress.IPv6Any, 0), new ListenOptions { DualStack = false });
        int port = listener.Listener.LocalEndPoint.Port;
        ConnectProbe four = rig.Connect(new IPEndPoint(IPAddress.Loopback, port));
        ConnectProbe six = rig.Connect(new IPEndPoint(IPAddress.IPv6Loopback, port));
        rig.TurnUntil(() => four.HasEnded && six.HasEnded && listener.AcceptedCount == 1, "one is accepted and one refused");
        Assert.Equal(SocketError.ConnectionRefused, four.Error);
        Assert.Null(six.Error);
    }

    private static void RequireIPv6(Rig rig) =>
        Assert.SkipWhen(rig.World.IsReal && !Socket.OSSupportsIPv6, "This machine has no IPv6; enable it to run the case.");

    /// <summary>A connection may win the race against the cancellation; then it is the handler's.</summary>
    private static void AssertCancelledOrConnected(ConnectProbe attempt) =>
        Assert.True(attempt.Error is null or SocketError.OperationAborted, $"A cancelled attempt ended with {attempt.Error}.");
}
