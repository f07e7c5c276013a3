using System.Net;
using Gyre.Conformance.Probes;
using Gyre.Drivers;
using Xunit;

namespace Gyre.Conformance.Cases;

internal static class SharingCases
{
    [ConformanceCase(Needs = DriverCapabilities.SharedListen)]
    public static void Two_drivers_share_one_address(World world)
    {
        Rig rig = world.OpenRig();
        Rig other = rig.OpenNeighbour();
        var shared = new ListenOptions { Shared = true };
        AcceptProbe first = rig.Listen(options: shared);
        AcceptProbe second = other.Listen(first.Listener.LocalEndPoint, shared);
        ConnectProbe[] attempts = [.. Enumerable.Range(0, 100).Select(_ => rig.Connect(first.Listener.LocalEndPoint))];
        rig.TurnUntil(
            () => Array.TrueForAll(attempts, static one => one.HasEnded) && first.AcceptedCount + second.AcceptedCount == attempts.Length,
            "all are accepted on one of the two");
        Assert.True(first.AcceptedCount > 0 && second.AcceptedCount > 0, $"Shared {first.AcceptedCount} to {second.AcceptedCount}.");
        other.Finish();
        rig.Finish();
    }

    [ConformanceCase(Needs = DriverCapabilities.SharedListen)]
    public static void An_address_is_shared_only_when_both_want_it(Rig rig)
    {
        AcceptProbe alone = rig.Listen();
        var shared = new ListenOptions { Shared = true };
        Assert.Throws<System.Net.Sockets.SocketException>(() => rig.Driver.Listen(alone.Listener.LocalEndPoint, shared));
        IPEndPoint taken = rig.Listen(options: shared).Listener.LocalEndPoint;
        Assert.Throws<System.Net.Sockets.SocketException>(() => rig.Driver.Listen(taken, new ListenOptions()));
    }

    [ConformanceCase(Needs = DriverCapabilities.HandOver)]
    public static void A_connection_moves_to_another_driver_with_what_has_arrived(World world)
    {
        Rig rig = world.OpenRig();
        Rig other = rig.OpenNeighbour();
        AcceptProbe listener = rig.Listen();
        var moved = new List<object>();
        listener.WhenAcceptedRaw = connection => moved.Add(connection.Detach());
        for (int i = 1; i <= 20; i++)
        {
            ConnectProbe connect = rig.Connect(listener.Listener.LocalEndPoint);
            rig.TurnUntil(() => connect.HasEnded && moved.Count == i, "the connection is accepted and released");
            ConnectionProbe client = connect.Connected;
            client.Speaks(1, hears: 2);
            client.StartReceive();
            client.Stream(1000, 1000);
            rig.TurnUntil(() => !client.IsSending, "the system takes the bytes");
            var server = new ConnectionProbe(other, other.Driver.Adopt(moved[i - 1]));
            server.Speaks(2, hears: 1);
            Assert.NotNull(server.Connection.RemoteEndPoint);
            server.StartReceive();
            server.Stream(500, 500);
            rig.TurnUntil(() => server.Received == 1000 && client.Received == 500, "both directions work on the new driver");
            Assert.Equal(i, other.Driver.Statistics.Connections);
            Assert.Equal(i, rig.Driver.Statistics.Connections);
        }

        other.Finish();
        rig.Finish();
    }
}
