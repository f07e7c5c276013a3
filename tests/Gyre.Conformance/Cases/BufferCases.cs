using Gyre.Conformance.Probes;
using Gyre.Drivers;
using Xunit;

namespace Gyre.Conformance.Cases;

internal static class BufferCases
{
    /// <summary>More connections than any driver has receive buffers to lend.</summary>
    private const int Hoarders = 1100;

    [ConformanceCase]
    public static void Consumers_that_hold_buffers_do_not_stop_the_others(Rig rig)
    {
        (ConnectionProbe normalClient, ConnectionProbe normalServer) = rig.Pair();
        normalServer.StartReceive();
        normalClient.StartReceive();
        normalServer.WhenReceived = static self => self.Stream(1, 1);
        var hoarders = new List<ConnectionProbe>();
        for (int i = 0; i < Hoarders; i++)
        {
            (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
            server.Holds = true;
            server.StartReceive();
            client.Stream(1, 1);
            hoarders.Add(server);
        }

        rig.TurnUntil(() => hoarders.TrueForAll(static one => one.Received == 1), "every hoarder has its byte");
        int held = hoarders.Sum(static one => one.HeldCount);
        Assert.True(
            held < Hoarders || hoarders.TrueForAll(static one => one.ScarceSeen == 0), "Some buffers must have been marked scarce.");
        Assert.Equal(held, rig.Driver.Statistics.BuffersHeld);
        for (int i = 1; i <= 100; i++)
        {
            normalClient.Stream(1, 1);
            rig.TurnUntil(() => normalClient.Received == i, "the normal client is answered");
        }

        hoarders.ForEach(static one => one.ReturnHeld());
        Assert.Equal(0, rig.Driver.Statistics.BuffersHeld);
        normalServer.WhenReceived = null;
        normalClient.Stream(2_000_000, 2_000_000);
        rig.TurnUntil(() => normalServer.Received == 2_000_100, "a large transfer goes through");
    }

    [ConformanceCase]
    public static void A_buffer_may_outlive_its_connection(Rig rig)
    {
        (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
        server.Holds = true;
        server.StartReceive();
        client.Stream(10, 10);
        rig.TurnUntil(() => server.Received == 10, "the bytes arrive");
        server.Close(abort: true);
        client.Close(abort: true);
        rig.TurnUntil(() => server.IsClosed && client.IsClosed, "both are closed");
        rig.Settle();
        server.ReturnHeld();
        Assert.Equal(0, rig.Driver.Statistics.BuffersHeld);
    }

    [ConformanceCase]
    public static void One_connection_that_holds_buffers_goes_on_receiving(Rig rig)
    {
        const int total = 12 * 1024 * 1024;
        (ConnectionProbe client, ConnectionProbe server) = rig.Pair();
        server.Holds = true;
        server.StartReceive();
        client.Stream(total, total);
        rig.TurnUntil(() => server.Received == total, "everything arrives although nothing is returned");
        server.ReturnHeld();
        Assert.Equal(0, rig.Driver.Statistics.BuffersHeld);
    }

    [ConformanceCase(Needs = DriverCapabilities.IdleWithoutBuffer)]
    public static void An_idle_connection_holds_no_buffer(Rig rig)
    {
        for (int i = 0; i < 50; i++)
        {
            rig.Pair().Server.StartReceive();
        }

        rig.Settle();
        Assert.Equal(0, rig.Driver.Statistics.BuffersHeld);
    }
}
