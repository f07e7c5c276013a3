using System.Net;
using System.Net.Sockets;
using Gyre.Conformance.Probes;
using Gyre.Drivers;
using Xunit;

namespace Gyre.Conformance.Cases;

/// <summary>The runner checks after each that no descriptor is left; the probes, that no handler is called.</summary>
internal static class DisposeCases
{
    [ConformanceCase]
    public static void Disposing_ends_everything_that_is_under_way(World world)
    {
        for (int turns = 0; turns < 5; turns++)
        {
            Rig rig = world.OpenRig();
            (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
            rig.Listen();
            AcceptProbe silent = rig.Listen(options: new ListenOptions { Backlog = 1 }, accept: false);
            client.StartReceive();
            server.StartReceive();
            client.Stream(64 * 1024 * 1024, 64 * 1024 * 1024);
            server.WhenReceived = static self => self.StopReceive();
            (ConnectionProbe closing, ConnectionProbe closingPeer) = rig.Pair();
            closing.StartReceive();
            for (int i = 0; i < 6; i++)
            {
                rig.Connect(silent.Listener.LocalEndPoint);
            }

            for (int i = 0; i < turns; i++)
            {
                rig.Turn(0);
            }

            closing.Close(abort: false);
            closingPeer.Close(abort: true);
            rig.Dispose();
        }
    }

    [ConformanceCase]
    public static void Disposing_right_after_making_is_fine(World world)
    {
        for (int i = 0; i < 20; i++)
        {
            world.OpenRig().Dispose();
        }
    }

    [ConformanceCase]
    public static void Disposing_twice_is_fine(World world)
    {
        Rig rig = world.OpenRig();
        rig.Pair();
        rig.Dispose();
        rig.Driver.Dispose();
    }

    [ConformanceCase]
    public static void Disposing_with_a_buffer_held_is_fine(World world)
    {
        Rig rig = world.OpenRig();
        (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
        server.Holds = true;
        server.StartReceive();
        client.Stream(10, 10);
        rig.TurnUntil(() => server.Received == 10, "the bytes arrive");
        rig.Dispose();
    }

    [ConformanceCase]
    public static void Disposing_closes_a_connection_once(World world)
    {
        // A close that the system has done already must not be done again: the number may be somebody else's by then.
        Rig rig = world.OpenRig();
        var pairs = Enumerable.Range(0, 20).Select(_ => rig.Pair()).ToList();
        pairs.ForEach(static pair => pair.Client.Close(abort: true));
        pairs.ForEach(static pair => pair.Server.Close(abort: false));
        rig.Dispose();
    }

    [ConformanceCase(Needs = DriverCapabilities.RealWorld)]
    public static void Disposing_leaves_the_peer_with_an_end(World world)
    {
        Rig rig = world.OpenRig();
        AcceptProbe listener = rig.Listen();
        using var peer = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        peer.Connect(listener.Listener.LocalEndPoint);
        rig.TurnUntil(() => listener.AcceptedCount == 1, "the peer is accepted");
        listener.Accepted.Peek().StartReceive();
        rig.Turn(0);
        rig.Dispose();
        peer.ReceiveTimeout = 30_000;
        Assert.Equal(0, peer.Receive(new byte[1]));
    }

    [ConformanceCase(Needs = DriverCapabilities.RealWorld)]
    public static void A_wake_after_disposal_touches_nothing(World world)
    {
        Rig rig = world.OpenRig();
        rig.Dispose();
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();

        // These take the descriptor numbers that the driver had; a late wake must not write to them.
        var sockets = new List<Socket>();
        for (int i = 0; i < 20; i++)
        {
            var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            client.Connect(listener.LocalEndPoint!);
            sockets.Add(client);
            sockets.Add(listener.Accept());
        }

        rig.Driver.Wake();
        for (int i = 0; i < sockets.Count; i += 2)
        {
            sockets[i].Shutdown(SocketShutdown.Send);
            sockets[i + 1].Shutdown(SocketShutdown.Send);
        }

        foreach (Socket socket in sockets)
        {
            socket.ReceiveTimeout = 30_000;
            Assert.Equal(0, socket.Receive(new byte[16]));
            socket.Dispose();
        }
    }
}
